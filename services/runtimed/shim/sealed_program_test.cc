// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/shim/sealed_program.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "gtest/gtest.h"

namespace tug::runtimed {
namespace {

TEST(SealedProgramTest, NobodyCanChangeTheCopy) {
  UniqueFd program;
  ASSERT_EQ(SealProgramAt("/proc/self/exe", &program), 0);
  struct stat copy = {};
  struct stat self = {};
  ASSERT_EQ(fstat(program.get(), &copy), 0);
  ASSERT_EQ(stat("/proc/self/exe", &self), 0);
  EXPECT_EQ(copy.st_size, self.st_size);
  EXPECT_EQ(pwrite(program.get(), "x", 1, 0), -1);
  EXPECT_EQ(errno, EPERM);
  EXPECT_EQ(ftruncate(program.get(), 0), -1);
  // Through a new description, too, as a container would try.
  const std::string path = "/proc/self/fd/" + std::to_string(program.get());
  const UniqueFd again(open(path.c_str(), O_RDWR | O_CLOEXEC));
  EXPECT_EQ(pwrite(again.get(), "x", 1, 0), -1);
}

// Issue 7, A1: through /proc/PID/exe a container's root may change the mode,
// the owner and the access list of the inode that its shim runs from. Seals do
// not stop that (F_SEAL_EXEC stops chmod, but no access list), so what one copy
// suffers must be nothing to the next.
TEST(SealedProgramTest, CopiesShareNoInode) {
  UniqueFd kept;
  ASSERT_EQ(SealProgramAt("/proc/self/exe", &kept), 0);
  UniqueFd first;
  ASSERT_EQ(SealProgram(kept.get(), &first), 0);
  EXPECT_EQ(fchmod(first.get(), 0), 0);
  UniqueFd second;
  ASSERT_EQ(SealProgram(kept.get(), &second), 0);
  struct stat one = {};
  struct stat two = {};
  ASSERT_EQ(fstat(first.get(), &one), 0);
  ASSERT_EQ(fstat(second.get(), &two), 0);
  EXPECT_NE(one.st_ino, two.st_ino);
  EXPECT_EQ(one.st_size, two.st_size);
  EXPECT_EQ(two.st_mode & 0111u, 0111u);
}

TEST(SealedProgramTest, MissingProgramIsAnError) {
  UniqueFd program;
  EXPECT_EQ(SealProgramAt("/nonexistent", &program), -ENOENT);
  EXPECT_FALSE(RunsSealed());
}

}  // namespace
}  // namespace tug::runtimed
