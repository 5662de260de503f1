// SPDX-License-Identifier: Apache-2.0
//
// What a confined process is refused, tried in children of this one.
#include "lib/confine/confine.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <functional>
#include <iostream>
#include <string>
#include <thread>

#include "gtest/gtest.h"
#include "lib/confine/service_tag.h"
#include "lib/sys/unique_fd.h"
#include "lib/testing/privileged_test.h"
#include "lib/testing/status_matchers.h"
#include "lib/testing/temp_dir.h"

namespace tug {
namespace {

// Everything that a daemon with trees has, but mounts.
constexpr unsigned kMost =
    kFileCalls | kNodeCalls | kChildCalls | kNamespaceCalls;
constexpr uint64_t kTreeCapabilities =
    CapabilityBit(CAP_CHOWN) | CapabilityBit(CAP_DAC_OVERRIDE) |
    CapabilityBit(CAP_MKNOD) | CapabilityBit(CAP_SYS_ADMIN) |
    CapabilityBit(CAP_SYS_CHROOT) | CapabilityBit(CAP_SETPCAP);

class ConfineTest : public PrivilegedTest {
 protected:
  // Runs `body` in a process of its own; what it answers is to be empty.
  static void InChild(const std::function<std::string()>& body) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const std::string wrong = body();
      std::cerr << wrong;
      _exit(wrong.empty() ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0)
        << "status " << status << ", see above";
  }

  // Empty if a call failed with EPERM or EACCES.
  static std::string Refused(const char* what, long result) {
    if (result < 0 && (errno == EPERM || errno == EACCES)) return "";
    return std::string(what) + " was not refused; ";
  }

  static std::string Ok(const char* what, long result) {
    return result >= 0 ? "" : std::string(what) + " failed; ";
  }

  std::string Confined(const Confinement& confinement) {
    const absl::Status status = Confine(confinement);
    return status.ok() ? "" : std::string(status.message());
  }

  TempDir directory_;
};

TEST_F(ConfineTest, TheWaysToMoreRightsAreClosed) {
  if (IsSkipped() || HasFatalFailure()) return;
  const pid_t outsider = getpid();
  InChild([&]() -> std::string {
    std::string wrong = WearTag("imaged").ok() ? "" : "no tag; ";
    wrong += Confined({.capabilities = kTreeCapabilities, .calls = kMost});
    wrong += Refused("setgroups", setgroups(0, nullptr));
    wrong += Refused("setuid", setresuid(1, 1, 1));
    wrong += Refused("a user namespace", unshare(CLONE_NEWUSER));
    wrong += Refused("mount", mount("x", "/mnt", "tmpfs", 0, nullptr));
    wrong += Refused("ptrace", ptrace(PTRACE_ATTACH, outsider, 0, 0));
    wrong += Refused("an internet socket", socket(AF_INET, SOCK_STREAM, 0));
    wrong += Refused("a packet socket", socket(AF_PACKET, SOCK_RAW, 0));
    wrong += Ok("a unix socket", socket(AF_UNIX, SOCK_STREAM, 0));
    wrong += Ok("a mount namespace", unshare(CLONE_NEWNS));
    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) wrong += "new privs; ";
    if (prctl(PR_CAPBSET_READ, CAP_SETGID) != 0) wrong += "bounding set; ";
    return wrong;
  });
}

TEST_F(ConfineTest, WithoutSetsThereIsNoProgramAndNoFileToMake) {
  if (IsSkipped() || HasFatalFailure()) return;
  InChild([&]() -> std::string {
    std::string wrong = Confined({});
    wrong += Refused("mkdir", mkdir((directory_.path() + "/d").c_str(), 0700));
    wrong += Refused(
        "mknod", mknod((directory_.path() + "/n").c_str(), S_IFIFO | 0600, 0));
    wrong += Refused("exec", execl("/bin/true", "true", nullptr));
    wrong += Refused("fork", fork());
    // Threads are possible.
    std::thread([] {}).join();
    return wrong;
  });
}

TEST_F(ConfineTest, FilesOutsideTheRulesAreOutOfReach) {
  if (IsSkipped() || HasFatalFailure()) return;
  const std::string mine = directory_.path() + "/mine";
  const std::string other = directory_.Write("other", "secret");
  ASSERT_EQ(mkdir(mine.c_str(), 0700), 0);
  InChild([&]() -> std::string {
    std::vector<FileRule> files = SystemFileRules();
    files.push_back({mine, FileAccess::kOwn});
    files.push_back({directory_.path() + "/absent", FileAccess::kOwn});
    std::string wrong = Confined({.capabilities = kTreeCapabilities,
                                  .files = files,
                                  .calls = kMost | kMountCalls});
    wrong +=
        Ok("own file", open((mine + "/f").c_str(), O_CREAT | O_RDWR, 0600));
    wrong += Ok("passwd", open("/etc/passwd", O_RDONLY));
    wrong += Refused("other", open(other.c_str(), O_RDONLY));
    wrong += Refused("write", open("/etc/passwd", O_WRONLY));
    wrong += Refused("core_pattern",
                     open("/proc/sys/kernel/core_pattern", O_WRONLY));
    wrong += Refused("mount", mount("x", mine.c_str(), "tmpfs", 0, nullptr));
    wrong += Refused("umount", umount2("/proc", MNT_DETACH));
    wrong += Refused("another's memory", open("/proc/1/mem", O_RDWR));
    return wrong;
  });
}

TEST_F(ConfineTest, OneFolderOfTheKernelsSettingsCanBeLeft) {
  if (IsSkipped() || HasFatalFailure()) return;
  InChild([&]() -> std::string {
    if (!MakeOwnMount("/proc/sys/net").ok()) return "no mount of its own";
    std::vector<FileRule> files = SystemFileRules();
    files.push_back({"/proc/sys/net", FileAccess::kWrite});
    std::string wrong = Confined({.capabilities = CapabilityBit(CAP_NET_ADMIN) |
                                                  CapabilityBit(CAP_SYS_ADMIN),
                                  .files = files,
                                  .calls = kMost});
    wrong += Ok("forwarding", open("/proc/sys/net/ipv4/ip_forward", O_RDWR));
    // Also those of another network namespace.
    wrong += Ok("a network namespace", unshare(CLONE_NEWNET));
    wrong += Ok("its setting", open("/proc/sys/net/ipv4/ip_forward", O_RDWR));
    wrong += Refused("core_pattern",
                     open("/proc/sys/kernel/core_pattern", O_WRONLY));
    return wrong;
  });
}

TEST_F(ConfineTest, DevicesOfAHarmlessMountDoNotOpen) {
  if (IsSkipped() || HasFatalFailure()) return;
  const std::string socket = directory_.Write("socket", "");
  const std::string hidden = directory_.Write("hidden", "");
  const std::string state = directory_.path() + "/state";
  ASSERT_EQ(mkdir(state.c_str(), 0700), 0);
  InChild([&]() -> std::string {
    std::string wrong;
    if (!MakeHarmlessMount(state).ok()) wrong += "no harmless mount; ";
    const std::string node = state + "/null";
    wrong += Ok("mknod", mknod(node.c_str(), S_IFCHR | 0600, makedev(1, 3)));
    wrong += Refused("open the device", open(node.c_str(), O_RDWR));
    if (!HideAllBut(directory_.path(), {socket}).ok()) wrong += "not hidden; ";
    wrong += Ok("the kept file", open(socket.c_str(), O_RDONLY));
    if (access(hidden.c_str(), F_OK) == 0) wrong += "hidden is seen; ";
    return wrong;
  });
  EXPECT_EQ(access(hidden.c_str(), F_OK), 0) << "hidden outside as well";
}

TEST_F(ConfineTest, OthersCannotBeSignalledWhereTheKernelCanForbidIt) {
  if (IsSkipped() || HasFatalFailure()) return;
  const pid_t outsider = getpid();
  InChild([&]() -> std::string {
    std::string wrong =
        Confined({.capabilities = CapabilityBit(CAP_CHOWN), .calls = kMost});
    if (kill(outsider, 0) == 0) {
      std::cerr << "this kernel's Landlock has no scopes\n";
    }
    return wrong + Ok("itself", kill(getpid(), 0));
  });
}

TEST_F(ConfineTest, ASecondThreadIsAnError) {
  if (IsSkipped() || HasFatalFailure()) return;
  InChild([&]() -> std::string {
    std::thread waits([] { pause(); });
    waits.detach();
    return absl::IsFailedPrecondition(Confine({})) ? "" : "confined";
  });
}

}  // namespace
}  // namespace tug
