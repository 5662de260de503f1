// SPDX-License-Identifier: Apache-2.0
#include "lib/program/listen_fds.h"

#include <sys/stat.h>

#include "gtest/gtest.h"
#include "lib/testing/status_matchers.h"
#include "lib/testing/temp_dir.h"

namespace tug {
namespace {

TEST(ListenUnixTest, ReplacesAStaleSocketAndSetsItsMode) {
  TempDir directory;
  const std::string path = directory.path() + "/s";
  ASSERT_THAT(ListenUnix(path, 0600), IsOk());
  ASSERT_THAT(ListenUnix(path, 0660), IsOk());
  struct stat found = {};
  ASSERT_EQ(stat(path.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777u, 0660u);
}

TEST(ListenUnixTest, LeavesOtherFilesAlone) {
  TempDir directory;
  EXPECT_THAT(ListenUnix(directory.Write("s", "precious"), 0600),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(ListenUnixTest, RefusesPathsThatDoNotFit) {
  EXPECT_THAT(ListenUnix("/tmp/" + std::string(120, 'x'), 0600),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(TakeListenFdTest, IsAbsentWhenNothingWasHandedOver) {
  EXPECT_FALSE(TakeListenFd("rpc").has_value());
}

}  // namespace
}  // namespace tug
