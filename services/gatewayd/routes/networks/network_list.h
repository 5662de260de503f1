// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "services/gatewayd/peers/network_client.h"
#include "services/gatewayd/translate/filters.h"

namespace tug::gatewayd {

// Whether the engine made it: bridge, host, none.
bool IsPredefinedNetwork(const network::v1::Network& network);

// Every network, by name.
absl::StatusOr<std::vector<network::v1::Network>> ListAllNetworks(
    NetworkClient& client);

// Parses the filters of GET /networks.
absl::StatusOr<Filters> ParseNetworkFilters(absl::string_view text);

// Whether a list with these filters shows the network.
absl::StatusOr<bool> NetworkMatches(const Filters& filters,
                                    const network::v1::Network& network);

}  // namespace tug::gatewayd
