// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"

namespace tug {

// What a service may ask of the kernel, in sets that are or'ed.
enum SyscallSets : unsigned {
  // Memory, threads, time; reading, writing, locking and waiting for files and
  // sockets; making unix sockets.
  kBaseCalls = 0,
  // Making, removing, and changing owner, mode and attributes of files.
  kFileCalls = 1 << 0,
  // Device nodes and pipes in the file system.
  kNodeCalls = 1 << 1,
  // Sockets of IP and netlink.
  kInternetCalls = 1 << 2,
  // Starting programs, and what kWaitCalls have.
  kChildCalls = 1 << 3,
  // Namespaces other than those of users, another root, further filters: what
  // children need to lock themselves in.
  kNamespaceCalls = 1 << 4,
  kMountCalls = 1 << 5,
  // Signals to processes, and waiting for their end.
  kWaitCalls = 1 << 6,
};

// Answers EPERM to every call that no set has, and ENOSYS to clone3, whose
// flags a filter cannot see (a C library then uses clone); ends the process at
// a call of a foreign architecture. A user namespace is never allowed. Needs
// no_new_privs or CAP_SYS_ADMIN; holds for every thread.
absl::Status InstallSyscallFilter(unsigned sets);

}  // namespace tug
