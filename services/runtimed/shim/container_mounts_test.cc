// SPDX-License-Identifier: Apache-2.0
//
// A container's file systems, seen from inside, and from the host.
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "services/runtimed/shim/testing/container_fixture.h"

namespace tug::runtimed {
namespace {

TEST_F(ContainerTest, MasksPathsAndProtectsOthers) {
  EXPECT_EQ(Inside("wc -c < /proc/interrupts; wc -c < /proc/timer_list; "
                   "ls /sys/firmware | wc -l"),
            "0\n0\n0\n");
  const std::string out = Inside(
      "echo 1 > /proc/irq/default_smp_affinity; "
      "echo x > /proc/sys/kernel/hostname; "
      "mkdir /sys/firmware/x; chmod 0 /proc/timer_list");
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 4) << out;
  EXPECT_NE(out.find("hostname: Read-only file system"), std::string::npos)
      << out;
  EXPECT_NE(out.find("chmod: /proc/timer_list: Read-only"), std::string::npos)
      << out;
}

// Issue 7, A1: even a root that may remount reaches no inode of the host
// through the init program.
TEST_F(ContainerTest, InitProgramIsACopy) {
  const std::string program = root_->directory() + "/program";
  WriteFile(program, "#!/bin/sh\necho copied\n");
  ASSERT_EQ(chmod(program.c_str(), 0755), 0);
  LaunchSpec spec = Shell(
      "/sbin/p; echo x > /sbin/p; mount -o remount,bind,rw /sbin/p && "
      "chmod 0 /sbin/p && echo changed; grep -c ' / tmpfs' /proc/mounts");
  MountSpec mount;
  mount.source = program;
  mount.target = "/sbin/p";
  mount.attributes = MOUNT_ATTR_RDONLY;
  mount.flags = kMountPrivateCopy;
  spec.mounts.push_back(mount);
  spec.bounding_capabilities |= uint64_t{1} << 21;  // CAP_SYS_ADMIN
  spec.permitted_capabilities |= uint64_t{1} << 21;
  const RunResult result = RunContainer(spec);
  ASSERT_EQ(result.start.type, ShimMessageType::kStarted)
      << Failure(result.start);
  EXPECT_EQ(result.output.out, "copied\nchanged\n0\n") << result.output.err;
  EXPECT_NE(result.output.err.find("Read-only file system"), std::string::npos);
  EXPECT_EQ(ReadFile(program), "#!/bin/sh\necho copied\n");
  struct stat status = {};
  ASSERT_EQ(stat(program.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777u, 0755u);
}

// Issue 7, B8: what another container has at /dev/shm, and its ipc namespace.
TEST_F(ContainerTest, SharesDevShm) {
  LaunchSpec owner = Shell("echo shared > /dev/shm/f; echo ready; sleep 100");
  MountSpec shm;
  shm.type = PlanMountType::kTmpfs;
  shm.target = "/dev/shm";
  shm.options = "mode=1777,size=1m";
  shm.attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
  std::erase_if(owner.mounts, [](const MountSpec& mount) {
    return mount.target == "/dev/shm";
  });
  owner.mounts.push_back(shm);
  ShimHarness shim(owner);
  const UniqueFd client = shim.Attach(kStreamStdout);
  const ShimMessage started = shim.Start();
  ASSERT_EQ(started.type, ShimMessageType::kStarted) << Failure(started);
  ReadUntil(client.get(), "ready");
  const std::string ns = "/proc/" + std::to_string(started.pid) + "/ns/";
  const UniqueFd ipc(open((ns + "ipc").c_str(), O_RDONLY | O_CLOEXEC));
  const UniqueFd mnt(open((ns + "mnt").c_str(), O_RDONLY | O_CLOEXEC));
  const TestRoot other;
  LaunchSpec guest = other.DefaultSpec(
      {"sh", "-c", "cat /dev/shm/f; grep ' /dev/shm ' /proc/mounts"});
  guest.new_namespaces &= ~uint64_t{CLONE_NEWIPC};
  guest.joins.push_back({CLONE_NEWIPC, kFirstExtraFd});
  guest.shm_namespace = kFirstExtraFd + 1;
  std::erase_if(guest.mounts, [](const MountSpec& mount) {
    return mount.target == "/dev/shm";
  });
  shm.type = PlanMountType::kSharedShm;
  shm.options.clear();
  shm.attributes = 0;
  guest.mounts.push_back(shm);
  const RunResult result = RunContainer(guest, {ipc.get(), mnt.get()});
  ASSERT_EQ(result.start.type, ShimMessageType::kStarted)
      << Failure(result.start);
  EXPECT_EQ(result.output.out.rfind("shared\ntmpfs /dev/shm tmpfs rw,nosuid,nod"
                                    "ev",
                                    0),
            0u)
      << result.output.out;
}

TEST_F(ContainerTest, SeesOnlyItsOwn) {
  const std::string out = Inside(
      "hostname; echo $$; ls /sys/class/net; readlink /dev/fd; "
      "readlink /dev/ptmx; ls /dev | grep -v core | tr '\\n' ' '");
  EXPECT_EQ(out,
            "box\n1\nlo\n/proc/self/fd\npts/ptmx\nfd full mqueue null "
            "ptmx pts random shm stderr stdin stdout tty urandom zero ");
  const std::string mounts = Inside("cat /proc/self/mountinfo");
  EXPECT_EQ(mounts.find("shared:"), std::string::npos) << mounts;
  EXPECT_EQ(mounts.find("master:"), std::string::npos) << mounts;
}

TEST_F(ContainerTest, WritesGoToTheUpperDirectory) {
  Inside("echo hi > /made; rm /etc/group");
  EXPECT_EQ(ReadFile(root_->upper() + "/made"), "hi\n");
  EXPECT_TRUE(std::filesystem::exists(root_->layer() + "/etc/group"));
}

TEST_F(ContainerTest, TakesManyLayers) {
  LaunchSpec spec = Shell("cat /from-119");
  for (int i = 0; i < 120; ++i) {
    const std::string name = "l/layer-" + std::to_string(i);
    std::filesystem::create_directories(root_->directory() + "/" + name);
    WriteFile(root_->directory() + "/" + name + "/from-" + std::to_string(i),
              std::to_string(i));
    spec.lower.insert(spec.lower.begin(), name);
  }
  EXPECT_EQ(RunContainer(spec).output.out, "119");
}

TEST_F(ContainerTest, ReadOnlyRootIsReadOnly) {
  LaunchSpec spec = Shell("echo x > /made; echo y > /dev/shm/made && echo ok");
  spec.flags |= kPlanReadOnlyRoot;
  const Output output = RunContainer(spec).output;
  EXPECT_EQ(output.out, "ok\n");
  EXPECT_NE(output.err.find("Read-only file system"), std::string::npos);
}

TEST_F(ContainerTest, BindsFilesAndDirectories) {
  const std::string source = root_->directory() + "/source";
  std::filesystem::create_directories(source + "/sub");
  WriteFile(source + "/file", "content");
  WriteFile(source + "/sub/deep", "deep");
  LaunchSpec spec = Shell(
      "cat /a/b/file /etc/bound /only/deep; echo x > /a/b/new; "
      "echo y > /ro/new");
  MountSpec mount;
  mount.flags = kMountRecursive;
  mount.source = source;
  mount.target = "/a/b";
  spec.mounts.push_back(mount);
  mount.target = "/ro";
  mount.attributes = MOUNT_ATTR_RDONLY;
  mount.flags |= kMountRecursiveReadOnly;
  spec.mounts.push_back(mount);
  mount.target = "/only";
  mount.subpath = "sub";
  spec.mounts.push_back(mount);
  mount.subpath = "";
  mount.target = "/etc/bound";
  mount.source = source + "/file";
  spec.mounts.push_back(mount);
  const RunResult result = RunContainer(spec);
  EXPECT_EQ(result.output.out, "contentcontentdeep") << Failure(result.start);
  EXPECT_NE(result.output.err.find("/ro/new: Read-only file system"),
            std::string::npos);
  EXPECT_EQ(ReadFile(source + "/new"), "x\n");
}

TEST_F(ContainerTest, MountPointsStayInside) {
  const std::string outside = root_->directory() + "/outside";
  std::filesystem::create_directories(outside);
  std::filesystem::create_symlink("../../../../../.." + outside,
                                  root_->layer() + "/link");
  std::filesystem::create_symlink("/run/missing/resolv.conf",
                                  root_->layer() + "/etc/resolv.conf");
  WriteFile(root_->directory() + "/resolv", "nameserver");
  LaunchSpec spec = Shell("cat /etc/resolv.conf /run/missing/resolv.conf");
  MountSpec mount;
  mount.type = PlanMountType::kTmpfs;
  mount.target = "/link/made";
  spec.mounts.push_back(mount);
  mount.type = PlanMountType::kBind;
  mount.source = root_->directory() + "/resolv";
  mount.target = "/etc/resolv.conf";
  spec.mounts.push_back(mount);
  const RunResult result = RunContainer(spec);
  EXPECT_EQ(result.output.out, "nameservernameserver") << Failure(result.start);
  EXPECT_TRUE(std::filesystem::is_empty(outside));
}

TEST_F(ContainerTest, LinkedSystemDirectoriesDoNotEscape) {
  const std::string outside = root_->directory() + "/outside";
  std::filesystem::create_directories(outside);
  std::filesystem::remove(root_->layer() + "/dev");
  std::filesystem::create_symlink("../../../../.." + outside,
                                  root_->layer() + "/dev");
  RunContainer(Shell("true"));
  EXPECT_TRUE(std::filesystem::is_empty(outside));
  std::filesystem::remove(root_->layer() + "/proc");
  std::filesystem::create_symlink("tmp", root_->layer() + "/proc");
  const RunResult result = RunContainer(Shell("true"));
  EXPECT_EQ(Step(result.start), LaunchStep::kMount);
  EXPECT_STREQ(result.start.text, "/proc");
}

// Swaps a directory of a volume with a link to the outside, all the time.
class Racer {
 public:
  Racer(const std::string& volume, const std::string& outside) : pid_(fork()) {
    if (pid_ != 0) return;
    const std::string name = volume + "/mount-point";
    const std::string link = volume + "/link";
    for (;;) {
      mkdir(name.c_str(), 0755);
      if (symlink(outside.c_str(), link.c_str()) != 0) continue;
      renameat2(AT_FDCWD, name.c_str(), AT_FDCWD, link.c_str(),
                RENAME_EXCHANGE);
      rmdir(name.c_str());
      unlink(name.c_str());
    }
  }
  ~Racer() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

 private:
  pid_t pid_;
};

TEST_F(ContainerTest, RacedMountPointsStayInside) {
  const std::string volume = root_->directory() + "/volume";
  const std::string outside = root_->directory() + "/outside";
  std::filesystem::create_directories(volume);
  std::filesystem::create_directories(outside);
  LaunchSpec spec = Shell("true");
  MountSpec mount;
  mount.source = volume;
  mount.target = "/volume";
  spec.mounts.push_back(mount);
  mount.target = "/volume/mount-point/deeper";
  spec.mounts.push_back(mount);
  const Racer racer(volume, outside);
  for (int i = 0; i < 100; ++i) {
    // It may fail; what it may not is touch the outside.
    RunContainer(spec);
    ASSERT_TRUE(std::filesystem::is_empty(outside));
  }
}

// A shared mount on the host, for as long as this lives.
class SharedMount {
 public:
  explicit SharedMount(std::string path) : path_(std::move(path)) {
    std::filesystem::create_directories(path_);
    usable_ = mount("tmpfs", path_.c_str(), "tmpfs", 0, "size=1m") == 0 &&
              mount(nullptr, path_.c_str(), nullptr, MS_SHARED, nullptr) == 0;
    std::filesystem::create_directories(path_ + "/late");
  }
  ~SharedMount() {
    umount2((path_ + "/late").c_str(), MNT_DETACH);
    umount2(path_.c_str(), MNT_DETACH);
  }
  bool usable() const { return usable_; }
  bool MountLate() const {
    return mount("tmpfs", (path_ + "/late").c_str(), "tmpfs", 0, "size=1m") ==
               0 &&
           mkdir((path_ + "/late/seen").c_str(), 0755) == 0;
  }

 private:
  std::string path_;
  bool usable_ = false;
};

TEST_F(ContainerTest, PropagationIsAsAskedFor) {
  const std::string path = root_->directory() + "/shared";
  const SharedMount shared(path);
  ASSERT_TRUE(shared.usable());
  LaunchSpec spec = Shell("read x; ls /slave/late /private/late");
  spec.flags |= kPlanOpenStdin;
  MountSpec mount;
  mount.source = path;
  mount.flags = kMountRecursive;
  mount.target = "/slave";
  mount.propagation = PlanPropagation::kRecursiveSlave;
  spec.mounts.push_back(mount);
  mount.target = "/private";
  mount.propagation = PlanPropagation::kRecursivePrivate;
  spec.mounts.push_back(mount);
  ShimHarness shim(spec);
  const UniqueFd client = shim.Attach(kStreamStdin | kStreamStdout);
  ASSERT_EQ(shim.Start().type, ShimMessageType::kStarted);
  ASSERT_TRUE(shared.MountLate());
  ASSERT_EQ(write(client.get(), "\n", 1), 1);
  EXPECT_EQ(ReadFrames(client.get()).out,
            "/private/late:\n\n/slave/late:\nseen\n");
}

}  // namespace
}  // namespace tug::runtimed
