// SPDX-License-Identifier: Apache-2.0
#include "lib/files/tree_size.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "gtest/gtest.h"
#include "lib/sys/unique_fd.h"
#include "lib/testing/status_matchers.h"
#include "lib/testing/temp_dir.h"

namespace tug {
namespace {

namespace fs = std::filesystem;

class TreeSizeTest : public testing::Test {
 protected:
  TreeSizeTest()
      : root_(open(temp_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {}

  int64_t Measure() const {
    sync();
    const auto bytes = MeasureTree(root_.get());
    EXPECT_THAT(bytes, IsOk());
    return bytes.value_or(-1);
  }

  TempDir temp_;
  UniqueFd root_;
};

TEST_F(TreeSizeTest, HardLinksCountOnce) {
  temp_.Write("a", std::string(100 * 1024, 'x'));
  const int64_t once = Measure();
  fs::create_hard_link(temp_.path() + "/a", temp_.path() + "/b");
  EXPECT_EQ(Measure(), once);
  EXPECT_GE(once, 100 * 1024);
}

// Every level is read on where it was left: nothing counts twice, nothing is
// left out, also above the levels whose streams are open.
TEST_F(TreeSizeTest, DeepTreesAreCountedToTheEnd) {
  const int64_t empty = Measure();
  const std::string content(8192, 'x');
  temp_.Write("one", content);
  const int64_t file = Measure() - empty;
  ASSERT_GT(file, 0);
  int made = 1;
  UniqueFd at(dup(root_.get()));
  for (int level = 0; level < 200; ++level) {
    ASSERT_EQ(mkdirat(at.get(), "m", 0700), 0);
    if (level % 20 == 0) {
      for (const char* name : {"a", "z"}) {
        const UniqueFd to(openat(at.get(), name, O_CREAT | O_WRONLY, 0600));
        ASSERT_EQ(write(to.get(), content.data(), content.size()), 8192);
        ++made;
      }
    }
    UniqueFd next(openat(at.get(), "m", O_RDONLY | O_DIRECTORY));
    at = std::move(next);
  }
  struct stat directory;
  ASSERT_EQ(fstat(at.get(), &directory), 0);
  EXPECT_EQ(Measure(), empty + made * file + 200 * directory.st_blocks * 512);
}

TEST_F(TreeSizeTest, LinksAreNotFollowed) {
  const int64_t empty = Measure();
  fs::create_directory_symlink("/usr", temp_.path() + "/link");
  EXPECT_LE(Measure(), empty + 4096);
}

}  // namespace
}  // namespace tug
