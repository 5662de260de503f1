// SPDX-License-Identifier: Apache-2.0
#include "services/volumed/drivers/local/directory_tree.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "gtest/gtest.h"
#include "lib/testing/status_matchers.h"
#include "lib/testing/temp_dir.h"

namespace tug::volumed {
namespace {

namespace fs = std::filesystem;

class DirectoryTreeTest : public testing::Test {
 protected:
  DirectoryTreeTest()
      : root_(open(temp_.path().c_str(), O_RDONLY | O_DIRECTORY)) {}

  TempDir temp_;
  UniqueFd root_;
};

TEST_F(DirectoryTreeTest, MeasuresHardLinksOnce) {
  fs::create_directory(temp_.path() + "/v");
  temp_.Write("v/a", std::string(100 * 1024, 'x'));
  auto directory = OpenDirectory(root_.get(), "v");
  ASSERT_THAT(directory, IsOk());
  sync();
  const int64_t once = *MeasureTree(directory->get());
  fs::create_hard_link(temp_.path() + "/v/a", temp_.path() + "/v/b");
  EXPECT_EQ(*MeasureTree(directory->get()), once);
  EXPECT_GE(once, 100 * 1024);
}

TEST_F(DirectoryTreeTest, ModeDoesNotDependOnUmask) {
  const mode_t before = umask(0077);
  ASSERT_THAT(MakeDirectory(root_.get(), "m", 0755), IsOk());
  umask(before);
  struct stat info;
  ASSERT_EQ(stat((temp_.path() + "/m").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0755u);
}

}  // namespace
}  // namespace tug::volumed
