// SPDX-License-Identifier: Apache-2.0
//
// Ports and addresses as Docker reads and rewrites them.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tug::gatewayd {

// "80", "80/TCP", "080/" become "80/tcp"; empty stays empty.
absl::StatusOr<std::string> NormalizePort(absl::string_view text);

// The canonical text of an IPv4 or IPv6 address (with a zone); empty stays
// empty. `ParseAddr("zz"): unable to parse IP` otherwise.
absl::StatusOr<std::string> NormalizeAddress(absl::string_view text);

// The same for "address/bits".
absl::StatusOr<std::string> NormalizePrefix(absl::string_view text);

// Lower case with colons; empty stays empty.
absl::StatusOr<std::string> NormalizeMac(absl::string_view text);

}  // namespace tug::gatewayd
