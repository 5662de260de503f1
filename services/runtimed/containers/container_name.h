// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace tug::runtimed {

// Longest name; it becomes a DNS label and part of paths.
inline constexpr size_t kMaxNameSize = 255;

// Two or more of [a-zA-Z0-9_.-], the first a letter or digit.
// INVALID_ARGUMENT (CONTAINER_SPEC_INVALID) otherwise.
absl::Status CheckContainerName(absl::string_view name);

// "adjective_surname" that is not `taken`; after six tries the short id.
std::string GenerateContainerName(
    absl::string_view id,
    absl::FunctionRef<bool(absl::string_view name)> taken);

}  // namespace tug::runtimed
