// SPDX-License-Identifier: Apache-2.0
#include "lib/sys/sibling.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gtest/gtest.h"
#include "lib/sys/process.h"

namespace tug::sys {
namespace {

TEST(CloneSiblingTest, TheNewProcessIsAChildOfTheParent) {
  void* page = mmap(nullptr, sizeof(pid_t), PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(page, MAP_FAILED);
  auto* const noted = static_cast<pid_t*>(page);
  const pid_t here = getpid();
  const long first = CloneProcess(0, -1, nullptr);
  ASSERT_GE(first, 0);
  if (first == 0) {
    const long second = CloneSibling(noted);
    if (second != 0) _exit(second == *noted ? 3 : 4);
    _exit(getppid() == here && *noted == getpid() ? 7 : 8);
  }
  int status = 0;
  ASSERT_EQ(waitpid(static_cast<pid_t>(first), &status, 0), first);
  EXPECT_EQ(WEXITSTATUS(status), 3);
  ASSERT_GT(*noted, 0);
  ASSERT_EQ(waitpid(*noted, &status, 0), *noted);
  EXPECT_EQ(WEXITSTATUS(status), 7);
  munmap(page, sizeof(pid_t));
}

}  // namespace
}  // namespace tug::sys
