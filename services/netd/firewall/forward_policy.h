// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tug::netd {

// Chains of other owners than `own_table` ("ip filter FORWARD") that by default
// drop what the host forwards, as Docker's iptables backend sets it: they cut
// off our containers, whatever our own rules say. Sees nftables, which includes
// iptables-nft, and the legacy iptables.
absl::StatusOr<std::vector<std::string>> FindForwardDrops(
    absl::string_view own_table);

}  // namespace tug::netd
