// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"

namespace tug::tree {

enum class SyscallSet {
  kStream,     // Bytes in, bytes out.
  kDirectory,  // Also files below a directory.
};

// Any other system call kills the process from now on; so do those of the set
// with arguments that reach beyond it (signals and limits of other processes,
// new processes, owners of descriptors). clone3 does not exist, so that libc
// takes clone, whose arguments can be looked at.
absl::Status InstallSyscallFilter(SyscallSet set);

}  // namespace tug::tree
