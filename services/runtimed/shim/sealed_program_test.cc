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
  ASSERT_EQ(SealProgram("/proc/self/exe", &program), 0);
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

TEST(SealedProgramTest, MissingProgramIsAnError) {
  UniqueFd program;
  EXPECT_EQ(SealProgram("/nonexistent", &program), -ENOENT);
  EXPECT_FALSE(RunsSealed());
}

}  // namespace
}  // namespace tug::runtimed
