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
