// SPDX-License-Identifier: Apache-2.0
//
// How a service gives up what it does not need, for good.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "lib/confine/file_rules.h"
#include "lib/confine/syscall_filter.h"

namespace tug {

// Bit of a capability number.
constexpr uint64_t CapabilityBit(int capability) {
  return uint64_t{1} << capability;
}

// What a process keeps. docs/design/security-model.md has the table of all
// processes, and tests/integration/rights compares both.
struct Confinement {
  // CapabilityBit()s; those that the process does not have stay lost.
  uint64_t capabilities = 0;
  // What it may do with files, where the kernel has Landlock (5.19 and newer,
  // since before it no link or rename may leave its directory). Such a process
  // and its children cannot mount anything. Absent: only signals and debugging
  // of others are forbidden (6.12 and newer).
  std::optional<std::vector<FileRule>> files;
  // With `files`: whether it may signal processes that it started before.
  bool may_signal = false;
  // SyscallSets or'ed. All else answers EPERM.
  unsigned calls = kBaseCalls;
};

// Sets no_new_privs, forbids debugging, and sets the capabilities (permitted,
// effective, bounding), Landlock and the seccomp filter, in this order.
// FAILED_PRECONDITION when the process has more than one thread: the others
// would keep their rights.
absl::Status Confine(const Confinement& confinement);

// A mount namespace of its own, in which what `directory` holds is nodev,
// nosuid and noexec; what is mounted on the host still comes in. Call it as
// root before Confine().
absl::Status MakeHarmlessMount(const std::string& directory);

// A mount namespace of its own, in which `directory` is a mount by itself:
// files below /proc can have a rule only so, since its directories may be
// others the next time that they are looked up. Call it as root before
// Confine().
absl::Status MakeOwnMount(const std::string& directory);

// In such a mount namespace: an empty folder in place of
// `directory`, but for those of the files `kept` that are there.
absl::Status HideAllBut(const std::string& directory,
                        const std::vector<std::string>& kept);

}  // namespace tug
