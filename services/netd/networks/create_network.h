// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "proto/tug/network/v1/network.pb.h"
#include "services/netd/networks/network_owner.h"

namespace tug::netd {

// Longest name of a network.
inline constexpr size_t kMaxNetworkName = 255;
// Most options and labels of a network, together, in bytes.
inline constexpr size_t kMaxNetworkText = 256 * 1024;

// NetworkService.CreateNetwork.
absl::StatusOr<network::v1::Network> CreateNetwork(
    NetworkOwner& owner, const network::v1::CreateNetworkRequest& request);

// Makes the host forward what the network needs to reach the outside. An
// internal one needs nothing. Errors are those of PacketForwarding::Ensure.
absl::Status EnsureForwarding(NetworkOwner& owner,
                              const network::v1::Network& network);

// Makes bridge, host and none where they are missing.
absl::Status CreatePredefinedNetworks(NetworkOwner& owner);

}  // namespace tug::netd
