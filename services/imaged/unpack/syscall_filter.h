// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"

namespace tug::imaged {

enum class SyscallSet {
  kFilter,  // Memory, threads, and descriptors that are already open.
  kLayer,   // Also making files and directories.
};

// Kills the process at any other system call. Needs no_new_privs.
absl::Status InstallSyscallFilter(SyscallSet set);

}  // namespace tug::imaged
