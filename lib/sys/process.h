// SPDX-License-Identifier: Apache-2.0
//
// Processes, namespaces and credentials. Async-signal-safe; a value >= 0 or
// -errno. System calls go to the kernel directly: glibc's set*id would look
// for threads.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

namespace tug::sys {

// clone3(2) without a shared address space, like fork(2): answers the pid in
// the parent, 0 in the child. `flags` are CLONE_*; `*pidfd` (close-on-exec) is
// set in the parent when not null. With `cgroup` >= 0 the child starts in that
// v2 cgroup.
long CloneProcess(uint64_t flags, int cgroup, int* pidfd);

// pidfd_open(2); close-on-exec.
long OpenPidfd(pid_t pid);

// pidfd_send_signal(2).
long SignalPidfd(int pidfd, int signal);

// Closes every descriptor from `first` up.
long CloseFrom(unsigned first);

// setns(2) by a namespace's or process's descriptor.
long JoinNamespace(int fd, int flags);

// pivot_root(2) with cwd as the new root and as the place of the old one.
long PivotRootHere();

// Sets all supplementary groups.
long SetGroups(const gid_t* groups, size_t count);

// Sets real, effective and saved ids.
long SetGid(gid_t gid);
long SetUid(uid_t uid);

// Effective and permitted become `permitted`; inheritable becomes empty.
long SetCapabilities(uint64_t permitted);

// Drops from the bounding set what is not in `keep`.
long LimitBoundingSet(uint64_t keep);

// Leaves the session keyring that was inherited for a new one, which children
// inherit and nobody else may look into (keyctl(2)). -ENOSYS in a kernel
// without keys.
long MakeSessionKeyring();

// Loads a finished seccomp program (array of struct sock_filter).
long LoadSeccomp(const void* program, size_t instructions);

}  // namespace tug::sys
