// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace tug::gatewayd {

// A version of Docker's REST API: 1.44.
struct ApiVersion {
  int major = 0;
  int minor = 0;
  auto operator<=>(const ApiVersion&) const = default;
};

// Newest version served, and what a path without a version means.
inline constexpr ApiVersion kNewestApi = {1, 56};
// Oldest version served.
inline constexpr ApiVersion kOldestApi = {1, 24};

// "1.44"; absent for anything but two decimal numbers with a dot.
std::optional<ApiVersion> ParseApiVersion(absl::string_view text);
std::string ToString(ApiVersion version);

}  // namespace tug::gatewayd
