// SPDX-License-Identifier: Apache-2.0
//
// Cgroups of a container, v1.
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "services/runtimed/shim/testing/container_fixture.h"

namespace tug::runtimed {
namespace {

// Cgroups of one test, v1.
class TestCgroups {
 public:
  TestCgroups() {
    for (const char* controller : {"memory", "pids", "freezer"}) {
      const std::string path = std::string("/sys/fs/cgroup/") + controller +
                               "/tug-shim-test-" + std::to_string(getpid());
      if (mkdir(path.c_str(), 0755) == 0) paths_.push_back(path);
    }
  }
  ~TestCgroups() {
    for (const std::string& path : paths_) {
      // A process that has just ended may still be counted.
      for (int i = 0; i < 100 && rmdir(path.c_str()) != 0; ++i) usleep(10000);
    }
  }
  bool usable() const { return paths_.size() == 3; }
  const std::string& memory() const { return paths_[0]; }
  // What joins from now on stands still.
  void Freeze() const { WriteFile(paths_[2] + "/freezer.state", "FROZEN"); }
  void Thaw() const { WriteFile(paths_[2] + "/freezer.state", "THAWED"); }

  void AddTo(LaunchSpec& spec) const {
    for (const std::string& path : paths_) {
      spec.cgroup_tasks.push_back(path + "/tasks");
    }
    if (spec.kind == PlanKind::kExec) return;
    for (const std::string& path : paths_) {
      const std::string controller =
          std::filesystem::path(path).parent_path().filename();
      spec.cgroup_mounts.push_back({controller, path});
    }
    spec.oom_events = memory() + "/memory.oom_control";
    MountSpec mount;
    mount.type = PlanMountType::kCgroup;
    mount.target = "/sys/fs/cgroup";
    mount.attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
                       MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
    spec.mounts.push_back(mount);
  }

 private:
  std::vector<std::string> paths_;
};

TEST_F(ContainerTest, LivesInItsCgroups) {
  const TestCgroups cgroups;
  if (!cgroups.usable()) GTEST_SKIP() << "no cgroup v1 here";
  LaunchSpec spec = Shell(
      "grep -E 'memory|pids' /proc/self/cgroup | cut -d: -f2-; "
      "ls /sys/fs/cgroup; head -n 1 /sys/fs/cgroup/pids/tasks; "
      "mkdir /sys/fs/cgroup/pids/x /sys/fs/cgroup/y");
  cgroups.AddTo(spec);
  const Output output = RunContainer(spec).output;
  EXPECT_EQ(output.out, "pids:/\nmemory:/\nfreezer\nmemory\npids\n1\n")
      << output.err;
  EXPECT_EQ(std::count(output.err.begin(), output.err.end(), '\n'), 2)
      << output.err;
  EXPECT_NE(output.err.find("Read-only file system"), std::string::npos);
}

TEST_F(ContainerTest, ExecsShareItsCgroups) {
  const TestCgroups cgroups;
  if (!cgroups.usable()) GTEST_SKIP() << "no cgroup v1 here";
  LaunchSpec spec = Shell("sleep 100");
  cgroups.AddTo(spec);
  ShimHarness shim(spec);
  ASSERT_EQ(shim.Start().type, ShimMessageType::kStarted);
  LaunchSpec exec = root_->ExecSpec({"grep", "pids", "/proc/self/cgroup"});
  cgroups.AddTo(exec);
  UniqueFd stream;
  ASSERT_EQ(shim.Exec(exec, "e", kStreamStdout, &stream).type,
            ShimMessageType::kExecStarted);
  const std::string out = ReadFrames(stream.get()).out;
  EXPECT_NE(out.find(":pids:/\n"), std::string::npos) << out;
}

// Issue 7, A12: a set-up that somebody holds up is given up, and what has been
// answered as failed does not run later.
TEST_F(ContainerTest, AStartThatIsGivenUpNeverRuns) {
  const TestCgroups cgroups;
  if (!cgroups.usable()) GTEST_SKIP() << "no cgroup v1 here";
  LaunchSpec spec = Shell("echo ran > /ran");
  cgroups.AddTo(spec);
  cgroups.Freeze();
  ShimHarness shim(spec);
  shim.Send(ShimMessageType::kStart);
  shim.Send(ShimMessageType::kSignal, SIGTERM);
  EXPECT_EQ(shim.ReceiveType(ShimMessageType::kReply).error, ESRCH);
  shim.Send(ShimMessageType::kSignal, SIGKILL);
  const ShimMessage failed = shim.ReceiveType(ShimMessageType::kStartFailed);
  EXPECT_EQ(failed.type, ShimMessageType::kStartFailed);
  EXPECT_EQ(Step(failed), LaunchStep::kSetUp);
  EXPECT_EQ(failed.error, ECANCELED);
  cgroups.Thaw();
  EXPECT_TRUE(shim.Acknowledge());
  EXPECT_FALSE(std::filesystem::exists(root_->upper() + "/ran"));
}

TEST_F(ContainerTest, AnExecThatIsGivenUpNeverRuns) {
  const TestCgroups cgroups;
  if (!cgroups.usable()) GTEST_SKIP() << "no cgroup v1 here";
  ShimHarness shim(Shell("sleep 100"));
  ASSERT_EQ(shim.Start().type, ShimMessageType::kStarted);
  LaunchSpec exec = root_->ExecSpec({"sh", "-c", "echo ran > /ran"});
  cgroups.AddTo(exec);
  UniqueFd plan;
  ASSERT_EQ(WritePlan(exec, &plan), 0);
  cgroups.Freeze();
  shim.Send(ShimMessageType::kExecStart, 0, "held", 0, {plan.get()});
  shim.Send(ShimMessageType::kExecSignal, SIGKILL, "held");
  const ShimMessage failed = shim.ReceiveType(ShimMessageType::kExecFailed);
  EXPECT_EQ(failed.type, ShimMessageType::kExecFailed);
  EXPECT_EQ(Step(failed), LaunchStep::kSetUp);
  // One whose runtimed goes away has nobody left to answer.
  shim.Send(ShimMessageType::kExecStart, 0, "orphan", 0, {plan.get()});
  shim.DropControl();
  UniqueFd next = ConnectShim(root_->socket_path());
  ASSERT_TRUE(next.valid());
  shim.SetControl(std::move(next));
  cgroups.Thaw();
  UniqueFd stream;
  ASSERT_EQ(shim.Exec(root_->ExecSpec({"sh", "-c", "echo free > /free"}), "e",
                      kStreamStdout, &stream)
                .type,
            ShimMessageType::kExecStarted);
  ReadFrames(stream.get());
  EXPECT_TRUE(std::filesystem::exists(root_->upper() + "/free"));
  EXPECT_FALSE(std::filesystem::exists(root_->upper() + "/ran"));
}

TEST_F(ContainerTest, TellsAKillForMemory) {
  const TestCgroups cgroups;
  if (!cgroups.usable()) GTEST_SKIP() << "no cgroup v1 here";
  WriteFile(cgroups.memory() + "/memory.limit_in_bytes", "16777216");
  LaunchSpec spec = Shell("exec dd if=/dev/zero of=/dev/null bs=100M count=1");
  cgroups.AddTo(spec);
  const RunResult result = RunContainer(spec);
  EXPECT_EQ(result.exit.value, 137);
  EXPECT_EQ(result.exit.flags & kExitedOom, kExitedOom);
}

TEST_F(ContainerTest, LeavesNobodyInASharedPidNamespace) {
  const TestCgroups cgroups;
  if (!cgroups.usable()) GTEST_SKIP() << "no cgroup v1 here";
  LaunchSpec spec = Shell("sleep 1000 & sleep 1000 & echo started");
  spec.new_namespaces &= ~uint64_t{CLONE_NEWPID};
  cgroups.AddTo(spec);
  const RunResult result = RunContainer(spec);
  EXPECT_EQ(result.output.out, "started\n");
  // A killed process is still listed until the kernel is done with it.
  for (int i = 0; i < 100 && !ReadFile(cgroups.memory() + "/tasks").empty();
       ++i) {
    usleep(10000);
  }
  EXPECT_EQ(ReadFile(cgroups.memory() + "/tasks"), "");
}

// The unified hierarchy, alone or beside v1.
std::string UnifiedRoot() {
  for (const char* path : {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"}) {
    if (access((std::string(path) + "/cgroup.controllers").c_str(), F_OK) ==
        0) {
      return path;
    }
  }
  return "";
}

TEST_F(ContainerTest, IsClonedIntoItsUnifiedCgroup) {
  const std::string unified = UnifiedRoot();
  if (unified.empty()) GTEST_SKIP() << "no cgroup v2 here";
  const std::string path =
      unified + "/tug-shim-test-" + std::to_string(getpid());
  ASSERT_EQ(mkdir(path.c_str(), 0755), 0);
  {
    LaunchSpec spec = Shell(
        "grep ^0: /proc/self/cgroup; cat /sys/fs/cgroup/cgroup.procs | head "
        "-n 1; mkdir /sys/fs/cgroup/x; sleep 100");
    spec.cgroup2_directory = path;
    MountSpec mount;
    mount.type = PlanMountType::kCgroup;
    mount.target = "/sys/fs/cgroup";
    mount.attributes = MOUNT_ATTR_RDONLY;
    spec.mounts.push_back(mount);
    ShimHarness shim(spec);
    const UniqueFd client = shim.Attach(kStreamStdout | kStreamStderr);
    const ShimMessage started = shim.Start();
    ASSERT_EQ(started.type, ShimMessageType::kStarted) << Failure(started);
    const std::string head = ReadUntil(client.get(), "Read-only");
    EXPECT_NE(head.find("0::/\n"), std::string::npos) << head;
    EXPECT_NE(head.find("1\n"), std::string::npos) << head;
    LaunchSpec exec = root_->ExecSpec({"grep", "^0:", "/proc/self/cgroup"});
    exec.cgroup2_directory = path;
    UniqueFd stream;
    ASSERT_EQ(shim.Exec(exec, "e", kStreamStdout, &stream).type,
              ShimMessageType::kExecStarted);
    EXPECT_EQ(ReadFrames(stream.get()).out, "0::/\n");
    shim.Send(ShimMessageType::kSignal, SIGKILL);
    shim.ReceiveType(ShimMessageType::kExited);
  }
  EXPECT_EQ(rmdir(path.c_str()), 0) << strerror(errno);
}

}  // namespace
}  // namespace tug::runtimed
