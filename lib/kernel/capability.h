// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace tug::kernel {

// Bit i stands for capability number i.
using CapabilitySet = uint64_t;

// The number of "CAP_NET_ADMIN", "net_admin", ...; absent if unknown.
std::optional<int> CapabilityNumber(absl::string_view name);

// "CAP_NET_ADMIN"; empty for a number without a name.
std::string CapabilityName(int number);

// What this process may hand on: its bounding set.
CapabilitySet OwnBoundingSet();

}  // namespace tug::kernel
