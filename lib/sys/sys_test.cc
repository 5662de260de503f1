// SPDX-License-Identifier: Apache-2.0
//
// Every call, made where it has to work: in a cloned child that allocates
// nothing. The child's exit status is the line that failed; 0: none.
#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "gtest/gtest.h"
#include "lib/sys/fd_channel.h"
#include "lib/sys/file.h"
#include "lib/sys/mount.h"
#include "lib/sys/process.h"

namespace tug::sys {
namespace {

// Lines are beyond what a status can hold; their remainder still tells.
#define REQUIRE(condition) \
  if (!(condition)) _exit(__LINE__ % 255 + 1)

// Runs `body` in a child; answers its wait status, or -errno.
template <typename Body>
long InChild(uint64_t flags, Body body) {
  int pidfd = -1;
  const long pid = CloneProcess(flags, -1, &pidfd);
  if (pid == 0) {
    body();
    _exit(0);
  }
  if (pid < 0) return pid;
  UniqueFd owned(pidfd);
  int status = 0;
  waitpid(static_cast<pid_t>(pid), &status, 0);
  return status;
}

TEST(SysTest, FilesInAChild) {
  char directory[] = "/tmp/sys-test-XXXXXX";
  ASSERT_NE(mkdtemp(directory), nullptr);
  const long status = InChild(0, [&] {
    UniqueFd root(open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC));
    REQUIRE(symlinkat("../../../file", root.get(), "link") == 0);
    UniqueFd file(static_cast<int>(OpenAt2(
        root.get(), "file", O_CREAT | O_WRONLY, 0600, RESOLVE_BENEATH)));
    REQUIRE(file.valid());
    REQUIRE(WriteAll(file.get(), "hello", 5) == 0);
    REQUIRE(WriteFileAt(root.get(), "file", "HE") == 0);
    UniqueFd in_root(
        static_cast<int>(OpenInRoot(root.get(), "/link", O_RDONLY)));
    char text[16] = {};
    REQUIRE(ReadUpTo(in_root.get(), text, sizeof(text)) == 5);
    REQUIRE(ReadFileAt(root.get(), "file", text, 4) == 3);
    REQUIRE(strcmp(text, "HEl") == 0);
    REQUIRE(OpenAt2(root.get(), "../x", O_RDONLY, 0, RESOLVE_BENEATH) ==
            -EXDEV);
    REQUIRE(OpenInRoot(root.get(), "/proc", O_RDONLY) == -ENOENT);
    REQUIRE(CloseFrom(3) == 0);
    REQUIRE(fcntl(3, F_GETFD) == -1);
  });
  EXPECT_EQ(status, 0);
  unlink((std::string(directory) + "/file").c_str());
  unlink((std::string(directory) + "/link").c_str());
  EXPECT_EQ(rmdir(directory), 0);
}

TEST(SysTest, DescriptorsTravelToAChild) {
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
  const UniqueFd ours(pair[0]);
  const UniqueFd theirs(pair[1]);
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  ASSERT_EQ(SendWithFds(ours.get(), "x", 1, &null, 1), 1);
  close(null);
  const long status = InChild(0, [&] {
    char byte = 0;
    UniqueFd fd;
    size_t count = 0;
    REQUIRE(ReceiveWithFds(theirs.get(), &byte, 1, &fd, 1, &count) == 1);
    REQUIRE(count == 1 && fd.valid());
  });
  EXPECT_EQ(status, 0);
}

TEST(SysTest, SignalsGoByPidfd) {
  int pidfd = -1;
  const long pid = CloneProcess(0, -1, &pidfd);
  if (pid == 0) {
    for (;;) pause();
  }
  ASSERT_GT(pid, 0);
  const UniqueFd made(pidfd);
  const UniqueFd opened(static_cast<int>(OpenPidfd(static_cast<pid_t>(pid))));
  EXPECT_TRUE(opened.valid());
  EXPECT_EQ(SignalPidfd(opened.get(), SIGKILL), 0);
  int status = 0;
  waitpid(static_cast<pid_t>(pid), &status, 0);
  EXPECT_EQ(WTERMSIG(status), SIGKILL);
  EXPECT_EQ(SignalPidfd(made.get(), SIGKILL), -ESRCH);
}

TEST(SysTest, CopiesAWholeFileWhateverItsPosition) {
  const UniqueFd from(memfd_create("from", MFD_CLOEXEC));
  const UniqueFd to(memfd_create("to", MFD_CLOEXEC));
  ASSERT_EQ(WriteAll(from.get(), "all of it", 9), 0);
  EXPECT_EQ(CopyFile(from.get(), to.get()), 0);
  EXPECT_EQ(CopyFile(from.get(), to.get()), 0);
  char text[32] = {};
  EXPECT_EQ(pread(to.get(), text, sizeof(text), 0), 18);
  EXPECT_STREQ(text, "all of itall of it");
  EXPECT_EQ(CopyFile(-1, to.get()), -EBADF);
}

// Issue 7, A14.
TEST(SysTest, ASessionKeyringIsMadeAnewAndInherited) {
  const auto session = [] {
    return syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING,
                   0);
  };
  const long before = session();
  if (before == -1 && errno == ENOSYS) GTEST_SKIP() << "no keys here";
  const long status = InChild(0, [&] {
    REQUIRE(MakeSessionKeyring() >= 0);
    const long own = session();
    REQUIRE(own != -1 && own != before);
    REQUIRE(MakeSessionKeyring() >= 0);
    REQUIRE(session() != own);
  });
  EXPECT_EQ(status, 0);
  EXPECT_EQ(session(), before);
}

// In namespaces of the child's own, where no root is needed.
TEST(SysTest, MountsAndRightsInAChild) {
  const long status = InChild(CLONE_NEWUSER | CLONE_NEWNS, [] {
    REQUIRE(FsOpen("nosuchfs") == -ENODEV);
    UniqueFd made(static_cast<int>(
        MakeMount("tmpfs", "size=64k,,mode=700", MOUNT_ATTR_NOSUID)));
    REQUIRE(made.valid());
    REQUIRE(MakeMount("tmpfs", "nosuchoption=1", 0) == -EINVAL);
    UniqueFd tmp(open("/tmp", O_PATH | O_DIRECTORY | O_CLOEXEC));
    REQUIRE(AttachMount(made.get(), tmp.get()) == 0);
    REQUIRE(SetMountAttributes(made.get(), false, MOUNT_ATTR_RDONLY, 0, 0) ==
            0);
    REQUIRE(mkdirat(made.get(), "x", 0700) == -1 && errno == EROFS);
    UniqueFd copy(static_cast<int>(CloneTree(made.get(), "", true)));
    REQUIRE(copy.valid());
    REQUIRE(fchdir(made.get()) == 0);
    REQUIRE(PivotRootHere() <= 0);
    REQUIRE(JoinNamespace(tmp.get(), 0) < 0);
    REQUIRE(LimitBoundingSet(1) == 0);
    REQUIRE(prctl(PR_CAPBSET_READ, 0) == 1);
    REQUIRE(prctl(PR_CAPBSET_READ, 5) == 0);
    REQUIRE(SetCapabilities(1) == 0);
    REQUIRE(SetCapabilities(3) == -EPERM);
    REQUIRE(SetGroups(nullptr, 0) == -EPERM);
    REQUIRE(SetUid(12345) == -EINVAL);
    REQUIRE(SetGid(12345) == -EINVAL);
    REQUIRE(LoadSeccomp(nullptr, 0) < 0);
  });
  if (status == -EPERM || status == -ENOSPC) {
    GTEST_SKIP() << "no user namespaces here";
  }
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace tug::sys
