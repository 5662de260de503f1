// SPDX-License-Identifier: Apache-2.0
//
// On plain directories, which are nested and removed as groups are.
#include "lib/cgroup/directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/testing/status_matchers.h"
#include "lib/testing/temp_dir.h"

namespace tug::cgroup {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

// A container can nest groups deeper than any fixed limit.
constexpr int kDeep = 300;

class DirectoryTest : public testing::Test {
 protected:
  DirectoryTest()
      : root_(open(temp_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {}

  // `kDeep` groups in each other below "top"; answers the last.
  UniqueFd MakeChain() const {
    UniqueFd at(dup(root_.get()));
    for (int i = 0; i < kDeep; ++i) {
      const char* name = i == 0 ? "top" : "g";
      EXPECT_EQ(mkdirat(at.get(), name, 0755), 0);
      UniqueFd next(openat(at.get(), name, O_RDONLY | O_DIRECTORY));
      at = std::move(next);
      EXPECT_EQ(mkdirat(at.get(), "beside", 0755), 0);
    }
    return at;
  }

  TempDir temp_;
  UniqueFd root_;
};

// Issue 7, A7: such groups stayed for ever.
TEST_F(DirectoryTest, GroupsAreRemovedHoweverDeep) {
  MakeChain();
  EXPECT_THAT(RemoveTree(root_.get(), "top"), IsOk());
  EXPECT_FALSE(fs::exists(temp_.path() + "/top"));
  EXPECT_THAT(RemoveTree(root_.get(), "top"), IsOk());
}

TEST_F(DirectoryTest, ABusyGroupIsSaid) {
  const UniqueFd last = MakeChain();
  const UniqueFd file(openat(last.get(), "f", O_CREAT | O_WRONLY, 0600));
  EXPECT_THAT(RemoveTree(root_.get(), "top"),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_TRUE(fs::exists(temp_.path() + "/top"));
}

// Issue 7, A7: what hid below the 64th group was not killed.
TEST_F(DirectoryTest, ProcessesAreFoundHoweverDeep) {
  temp_.Write("cgroup.procs", "");
  const UniqueFd last = MakeChain();
  const UniqueFd file(
      openat(last.get(), "cgroup.procs", O_CREAT | O_WRONLY, 0600));
  ASSERT_EQ(write(file.get(), "42\n", 3), 3);
  const auto pids = ReadProcessesRecursively(root_.get());
  ASSERT_THAT(pids, IsOk());
  EXPECT_THAT(*pids, ElementsAre(42));
}

}  // namespace
}  // namespace tug::cgroup
