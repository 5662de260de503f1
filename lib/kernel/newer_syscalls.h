// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace tug::kernel {

// Calls that came after the libseccomp of Debian 12. From 424 on a number
// means the same on every architecture.
inline constexpr uint32_t kFirstNewerSyscall = 451;
inline constexpr uint32_t kLastNewerSyscall = 469;
// The last one that the filters of Docker 29 know. What came after it has not
// been looked at with containers in mind, by them or by us.
inline constexpr uint32_t kLastReviewedSyscall = 456;

std::optional<uint32_t> NewerSyscallNumber(absl::string_view name);

}  // namespace tug::kernel
