// SPDX-License-Identifier: Apache-2.0
#include "services/tugd/log_file.h"

#include <unistd.h>

#include <filesystem>

#include "gtest/gtest.h"
#include "lib/testing/status_matchers.h"
#include "lib/testing/temp_dir.h"

namespace tug::tugd {
namespace {

TEST(LogFileTest, LargeFileMovesAsideAndWritersGoOn) {
  TempDir directory;
  const std::string path = directory.path() + "/log";
  const int original = dup(STDERR_FILENO);
  const auto log = LogFile::Redirect(path);
  ASSERT_THAT(log, IsOk());
  ASSERT_EQ(write(STDERR_FILENO, "a\n", 2), 2);
  EXPECT_THAT(log->RotateIfLarge(), IsOk());
  EXPECT_FALSE(std::filesystem::exists(path + ".1"));
  ASSERT_EQ(ftruncate(STDERR_FILENO, LogFile::kMaxBytes + 1), 0);
  EXPECT_THAT(log->RotateIfLarge(), IsOk());
  ASSERT_EQ(write(STDERR_FILENO, "b\n", 2), 2);
  dup2(original, STDERR_FILENO);
  close(original);
  EXPECT_EQ(std::filesystem::file_size(path), 2u);
  EXPECT_EQ(std::filesystem::file_size(path + ".1"),
            static_cast<size_t>(LogFile::kMaxBytes) + 1);
}

}  // namespace
}  // namespace tug::tugd
