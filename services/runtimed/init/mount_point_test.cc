// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/init/mount_point.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <string>

namespace tug::runtimed {
namespace {

namespace fs = std::filesystem;

class MountPointTest : public testing::Test {
 protected:
  MountPointTest() {
    char name[] = "/tmp/mount-point-test-XXXXXX";
    base_ = mkdtemp(name);
    root_ = base_ / "root";
    fs::create_directories(root_ / "etc");
    fs::create_directories(base_ / "outside");
    fd_.reset(open(root_.c_str(), O_PATH | O_DIRECTORY));
  }
  ~MountPointTest() override { fs::remove_all(base_); }

  // The path below the root that was opened, or the error.
  std::string Open(const char* path, MountPointKind kind) {
    UniqueFd fd;
    const long error = OpenOrCreate(fd_.get(), path, kind, &fd);
    if (error < 0) return std::to_string(error);
    const fs::path found =
        fs::read_symlink("/proc/self/fd/" + std::to_string(fd.get()));
    return "/" + fs::relative(found, root_).string();
  }
  std::string OpenDirectory(const char* path) {
    return Open(path, MountPointKind::kDirectory);
  }

  fs::path base_;
  fs::path root_;
  UniqueFd fd_;
};

TEST_F(MountPointTest, MakesWhatIsMissing) {
  EXPECT_EQ(OpenDirectory("/etc"), "/etc");
  EXPECT_EQ(OpenDirectory("/a//b/./c/"), "/a/b/c");
  EXPECT_EQ(OpenDirectory("/a/b/../d"), "/a/d");
  EXPECT_EQ(Open("/x/file", MountPointKind::kFile), "/x/file");
  EXPECT_TRUE(fs::is_regular_file(root_ / "x/file"));
  EXPECT_EQ(OpenDirectory("/x/file/y"), std::to_string(-ENOTDIR));
}

TEST_F(MountPointTest, LinksStayInside) {
  fs::create_symlink("../../outside", root_ / "up");
  fs::create_symlink("/abs/target", root_ / "abs-link");
  fs::create_symlink("loop", root_ / "loop");
  EXPECT_EQ(OpenDirectory("/up/made"), "/outside/made");
  EXPECT_EQ(OpenDirectory("/../../outside2"), "/outside2");
  EXPECT_EQ(OpenDirectory("/abs-link"), "/abs/target");
  EXPECT_EQ(Open("/abs-link/f", MountPointKind::kFile), "/abs/target/f");
  EXPECT_EQ(OpenDirectory("/loop/x"), std::to_string(-ELOOP));
  EXPECT_TRUE(fs::is_empty(base_ / "outside"));
  EXPECT_EQ(std::distance(fs::directory_iterator(base_), {}), 2);
}

TEST_F(MountPointTest, LongNamesAreRefused) {
  const std::string name(300, 'x');
  EXPECT_EQ(OpenDirectory(("/" + name).c_str()), std::to_string(-ENAMETOOLONG));
}

TEST_F(MountPointTest, ParentsAreMade) {
  UniqueFd parent;
  const char* name = nullptr;
  ASSERT_EQ(OpenParent(fd_.get(), "/dev/net/tun", &parent, &name), 0);
  EXPECT_STREQ(name, "tun");
  EXPECT_TRUE(fs::is_directory(root_ / "dev/net"));
  EXPECT_EQ(OpenParent(fd_.get(), "/dev/..", &parent, &name), -EINVAL);
  EXPECT_EQ(OpenParent(fd_.get(), "/dev/", &parent, &name), -EINVAL);
}

}  // namespace
}  // namespace tug::runtimed
