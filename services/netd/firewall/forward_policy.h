// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace tug::netd {

// Chains of other owners ("ip filter FORWARD") that by default drop what the
// host forwards, as Docker's iptables backend sets it: they cut off our
// containers, whatever our own rules say. Sees nftables, which includes
// iptables-nft, but not the legacy iptables.
absl::StatusOr<std::vector<std::string>> FindForwardDrops();

}  // namespace tug::netd
