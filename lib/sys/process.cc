// SPDX-License-Identifier: Apache-2.0
#include "lib/sys/process.h"

#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace tug::sys {
namespace {

long Answer(long result) { return result == -1 ? -errno : result; }

}  // namespace

long CloneProcess(uint64_t flags, int cgroup, int* pidfd) {
  clone_args arguments = {};
  arguments.flags = flags;
  arguments.exit_signal = SIGCHLD;
  if (pidfd != nullptr) {
    arguments.flags |= CLONE_PIDFD;
    arguments.pidfd = reinterpret_cast<uint64_t>(pidfd);
  }
  if (cgroup >= 0) {
    arguments.flags |= CLONE_INTO_CGROUP;
    arguments.cgroup = static_cast<uint64_t>(cgroup);
  }
  return Answer(syscall(SYS_clone3, &arguments, sizeof(arguments)));
}

long OpenPidfd(pid_t pid) { return Answer(syscall(SYS_pidfd_open, pid, 0)); }

long SignalPidfd(int pidfd, int signal) {
  return Answer(syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0));
}

long CloseFrom(unsigned first) {
  return Answer(syscall(SYS_close_range, first, ~0u, 0));
}

long JoinNamespace(int fd, int flags) {
  return Answer(syscall(SYS_setns, fd, flags));
}

long PivotRootHere() { return Answer(syscall(SYS_pivot_root, ".", ".")); }

long SetGroups(const gid_t* groups, size_t count) {
  return Answer(syscall(SYS_setgroups, count, groups));
}

long SetGid(gid_t gid) { return Answer(syscall(SYS_setresgid, gid, gid, gid)); }

long SetUid(uid_t uid) { return Answer(syscall(SYS_setresuid, uid, uid, uid)); }

long SetCapabilities(uint64_t permitted) {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct sets[2] = {};
  for (int i = 0; i < 2; ++i) {
    const auto half = static_cast<uint32_t>(permitted >> (32 * i));
    sets[i].effective = half;
    sets[i].permitted = half;
  }
  return Answer(syscall(SYS_capset, &header, sets));
}

long LimitBoundingSet(uint64_t keep) {
  for (unsigned capability = 0; capability < 64; ++capability) {
    if ((keep >> capability & 1) != 0) continue;
    if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0) continue;
    // EINVAL: the kernel knows no capability of this number, nor higher ones.
    return errno == EINVAL ? 0 : -errno;
  }
  return 0;
}

long MakeSessionKeyring() {
  // Without a name nobody can join it.
  const long keyring =
      Answer(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, nullptr));
  if (keyring < 0) return keyring;
  // All to possessors; nothing to the owner, which is every container's root.
  constexpr unsigned kPossessor = 0x3f000000;
  return Answer(syscall(SYS_keyctl, KEYCTL_SETPERM, keyring, kPossessor));
}

long LoadSeccomp(const void* program, size_t instructions) {
  sock_fprog filter = {};
  filter.len = static_cast<unsigned short>(instructions);
  filter.filter = static_cast<sock_filter*>(const_cast<void*>(program));
  return Answer(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter));
}

}  // namespace tug::sys
