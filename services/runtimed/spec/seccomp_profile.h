// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/kernel/capability.h"
#include "lib/kernel/seccomp_compile.h"

namespace tug::runtimed {

// Largest profile that is read.
inline constexpr size_t kMaxSeccompProfile = 1 << 20;

// Reads a profile in Docker's JSON form and keeps the rules whose conditions
// hold here, with these capabilities. INVALID_ARGUMENT
// (CONTAINER_SPEC_INVALID) says what is wrong, and where.
absl::StatusOr<kernel::SeccompPolicy> ParseSeccompProfile(
    absl::string_view json, kernel::CapabilitySet capabilities);

}  // namespace tug::runtimed
