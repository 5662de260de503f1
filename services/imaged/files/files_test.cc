// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "gtest/gtest.h"
#include "lib/testing/status_matchers.h"
#include "lib/testing/temp_dir.h"
#include "services/imaged/files/directory.h"
#include "services/imaged/files/remove_tree.h"
#include "services/imaged/files/trash.h"

namespace tug::imaged {
namespace {

namespace fs = std::filesystem;

UniqueFd Open(const std::string& path) {
  return UniqueFd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

TEST(RemoveTreeTest, RemovesDeepTreesAndFollowsNoLink) {
  const TempDir temp;
  temp.Write("keep", "x");
  const UniqueFd top = Open(temp.path());
  // Deeper than there are descriptors, by the usual limit.
  UniqueFd current = Open(temp.path());
  for (int i = 0; i < 1100; ++i) {
    const std::string name = i == 0 ? "t" : "d";
    ASSERT_EQ(mkdirat(current.get(), name.c_str(), 0700), 0);
    current.reset(openat(current.get(), name.c_str(), O_RDONLY | O_DIRECTORY));
    ASSERT_TRUE(current.valid());
    if (i % 100 == 0) {
      ASSERT_EQ(symlinkat(temp.path().c_str(), current.get(), "link"), 0);
      ASSERT_EQ(mkdirat(current.get(), "beside", 0700), 0);
    }
  }
  EXPECT_THAT(RemoveTree(top.get(), "t"), IsOk());
  EXPECT_FALSE(fs::exists(temp.path() + "/t"));
  EXPECT_TRUE(fs::exists(temp.path() + "/keep"));
}

TEST(RemoveTreeTest, AbsentNamesAndFilesAreFine) {
  const TempDir temp;
  temp.Write("f", "x");
  const UniqueFd top = Open(temp.path());
  EXPECT_THAT(RemoveTree(top.get(), "nothing"), IsOk());
  EXPECT_THAT(RemoveTree(top.get(), "f"), IsOk());
  EXPECT_FALSE(fs::exists(temp.path() + "/f"));
}

TEST(TrashTest, ThrownDirectoriesVanishAtOnceAndForGood) {
  const TempDir temp;
  const UniqueFd top = Open(temp.path());
  // What an earlier run left.
  fs::create_directories(temp.path() + "/trash/old/deep");
  const auto trash = Trash::Open(top.get());
  ASSERT_THAT(trash, IsOk());
  fs::create_directories(temp.path() + "/a/b");
  EXPECT_THAT((*trash)->Throw(top.get(), "a"), IsOk());
  EXPECT_FALSE(fs::exists(temp.path() + "/a"));
  EXPECT_THAT((*trash)->Throw(top.get(), "a"), IsOk());
  (*trash)->Drain();
  EXPECT_TRUE(fs::is_empty(temp.path() + "/trash"));
}

TEST(OpenBeneathTest, LinksAreNotFollowed) {
  const TempDir temp;
  const std::string file = temp.Write("f", "x");
  fs::create_symlink(file, temp.path() + "/l");
  const UniqueFd top = Open(temp.path());
  EXPECT_THAT(OpenBeneath(top.get(), "f", O_RDONLY), IsOk());
  EXPECT_FALSE(OpenBeneath(top.get(), "l", O_RDONLY).ok());
  EXPECT_FALSE(OpenBeneath(top.get(), "../x", O_RDONLY).ok());
  EXPECT_FALSE(OpenBeneath(top.get(), "/etc", O_RDONLY).ok());
}

}  // namespace
}  // namespace tug::imaged
