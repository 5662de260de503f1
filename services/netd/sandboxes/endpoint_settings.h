// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proto/tug/network/v1/network.pb.h"
#include "services/netd/networks/network_catalog.h"

namespace tug::netd {

// Most networks of one sandbox, and most aliases of one endpoint.
inline constexpr int kMaxEndpoints = 256;
inline constexpr int kMaxAliases = 256;

// Checks what was asked for of one endpoint against its network.
// INVALID_ARGUMENT (ENDPOINT_INVALID) names what and why.
absl::Status CheckEndpoint(const network::v1::Network& network,
                           const network::v1::Endpoint& endpoint);

// Resolves the endpoint's network by the name or id that it gives, checks it
// and fills in both. The network; NOT_FOUND (NETWORK_UNKNOWN).
absl::StatusOr<network::v1::Network> ResolveEndpoint(
    const NetworkCatalog& networks, network::v1::Endpoint& endpoint);

// INVALID_ARGUMENT (ENDPOINT_INVALID) if a sandbox of this mode cannot be on
// the network.
absl::Status CheckMode(const network::v1::Sandbox& sandbox,
                       const network::v1::Network& network);

// What the endpoint is called on its network: container name, aliases, short
// id, hostname; empty where names are not resolved.
std::vector<std::string> DnsNames(const network::v1::Network& network,
                                  const network::v1::Sandbox& sandbox,
                                  const network::v1::Endpoint& endpoint);

// The driver option "com.docker.network.endpoint.sysctls": settings below net.
// with IFNAME in place of the interface.
absl::StatusOr<std::vector<std::pair<std::string, std::string>>>
EndpointSysctls(const network::v1::Endpoint& endpoint);

// The driver option "com.docker.network.endpoint.ifname"; empty if not given.
std::string EndpointInterfaceName(const network::v1::Endpoint& endpoint);

}  // namespace tug::netd
