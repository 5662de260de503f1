// SPDX-License-Identifier: Apache-2.0
//
// The trees of this machine: what is mounted decides which tests run.
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "lib/base/id.h"
#include "lib/cgroup/cgroup.h"
#include "lib/cgroup/devices.h"
#include "lib/cgroup/mounted.h"
#include "lib/cgroup/sweeper.h"
#include "lib/cgroup/tree_v1.h"
#include "lib/cgroup/tree_v2.h"
#include "lib/sys/unique_fd.h"
#include "lib/testing/privileged_test.h"
#include "lib/testing/status_matchers.h"

namespace tug::cgroup {
namespace {

std::vector<MountedHierarchy> Mounted() {
  std::ifstream file("/proc/self/mountinfo");
  std::ostringstream text;
  text << file.rdbuf();
  return ParseMountedHierarchies(text.str());
}

// A process that joins `location` and then runs `script`.
pid_t RunInside(const Location& location, const std::string& script) {
  std::string joins;
  for (const std::string& tasks : location.tasks) {
    absl::StrAppend(&joins, "echo 0 > ", tasks, " || exit 99; ");
  }
  if (!location.directory.empty()) {
    absl::StrAppend(&joins, "echo 0 > ", location.directory,
                    "/cgroup.procs || exit 99; ");
  }
  std::string command = joins + script;
  std::string shell = "sh";
  std::string flag = "-c";
  char* argv[] = {shell.data(), flag.data(), command.data(), nullptr};
  pid_t pid = 0;
  EXPECT_EQ(posix_spawn(&pid, "/bin/sh", nullptr, nullptr, argv, environ), 0);
  return pid;
}

int ExitOf(pid_t pid) {
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

class TreeTest : public PrivilegedTest {
 protected:
  void SetUp() override {
    PrivilegedTest::SetUp();
    parent_ = absl::StrCat("tug-test-", ShortId(NewId()));
    path_ = absl::StrCat(parent_, "/one");
  }
  void TearDown() override {
    if (tree_ == nullptr) return;
    EXPECT_THAT(tree_->Remove(parent_), IsOk());
  }

  // Everything that does not depend on limits.
  void LiveAndDie() {
    Resources resources;
    DeviceRule none;
    none.allow = false;
    resources.devices = {none, *ParseDeviceRule("c 1:3 rwm"),
                         *ParseDeviceRule("c *:* m")};
    const auto group = tree_->Create(path_, resources);
    ASSERT_THAT(group, IsOk());
    const Location location = tree_->Locate(path_);
    // Allowed: null (1:3). Refused: zero (1:5).
    EXPECT_EQ(ExitOf(RunInside(location, "head -c 1 /dev/null")), 0);
    EXPECT_NE(ExitOf(RunInside(location, "head -c 1 /dev/zero 2>/dev/null")),
              0);
    const pid_t pid = RunInside(location, "exec sleep 100");
    const absl::Time deadline = absl::Now() + absl::Seconds(10);
    while ((*group)->Processes()->empty() && absl::Now() < deadline) {
      absl::SleepFor(absl::Milliseconds(5));
    }
    EXPECT_THAT((*group)->Processes(), IsOkAndHolds(testing::ElementsAre(pid)));
    EXPECT_THAT((*group)->Freeze(), IsOk());
    EXPECT_THAT((*group)->Thaw(), IsOk());
    EXPECT_FALSE(tree_->Remove(path_).ok());
    // Reaped by nobody until ExitOf: a zombie counts as no process.
    EXPECT_THAT((*group)->Kill(), IsOk());
    EXPECT_EQ(ExitOf(pid), 128 + SIGKILL);
    CgroupSweeper sweeper(*tree_);
    sweeper.Sweep(path_);
    while (!sweeper.idle() && absl::Now() < deadline) {
      absl::SleepFor(absl::Milliseconds(5));
    }
    EXPECT_THAT(tree_->Children(parent_), testing::IsEmpty());
    EXPECT_EQ(tree_->Open(path_).status().code(), absl::StatusCode::kNotFound);
  }

  std::unique_ptr<CgroupTree> tree_;
  std::string parent_;
  std::string path_;
};

TEST_F(TreeTest, V1) {
  if (IsSkipped()) return;
  bool present = false;
  for (const MountedHierarchy& hierarchy : Mounted()) {
    present = present || !hierarchy.v2;
  }
  if (!present) GTEST_SKIP() << "no cgroup v1 here";
  auto tree = OpenTreeV1(Mounted());
  ASSERT_THAT(tree, IsOk());
  tree_ = *std::move(tree);
  LiveAndDie();
}

TEST_F(TreeTest, V2) {
  if (IsSkipped()) return;
  std::string mount;
  for (const MountedHierarchy& hierarchy : Mounted()) {
    if (hierarchy.v2) mount = hierarchy.path;
  }
  if (mount.empty()) GTEST_SKIP() << "no cgroup v2 here";
  auto tree = OpenTreeV2(mount);
  ASSERT_THAT(tree, IsOk());
  tree_ = *std::move(tree);
  LiveAndDie();
}

TEST_F(TreeTest, LimitsAreWritten) {
  if (IsSkipped()) return;
  auto tree = OpenCgroupTree();
  ASSERT_THAT(tree, IsOk());
  tree_ = *std::move(tree);
  if (!tree_->support().memory || !tree_->support().pids) {
    GTEST_SKIP() << "memory or pids cannot be limited here";
  }
  Resources resources;
  resources.memory = 64 << 20;
  resources.pids = 17;
  const auto group = tree_->Create(path_, resources);
  ASSERT_THAT(group, IsOk());
  EXPECT_EQ((*group)->ReadStats().memory_limit, 64u << 20);
  EXPECT_EQ((*group)->ReadStats().pids_limit, 17u);
  // A later change leaves what it does not name.
  Resources more;
  more.memory = 128 << 20;
  ASSERT_THAT((*group)->Apply(more), IsOk());
  EXPECT_EQ((*group)->ReadStats().memory_limit, 128u << 20);
  EXPECT_EQ((*group)->ReadStats().pids_limit, 17u);
  EXPECT_EQ((*group)->OomKills(), 0u);
}

}  // namespace
}  // namespace tug::cgroup
