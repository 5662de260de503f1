// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "proto/tug/network/v1/network.pb.h"
#include "services/gatewayd/operations/container_locks.h"
#include "services/gatewayd/peers/peers.h"

namespace tug::gatewayd {

// Joins a container, running or not, to a network. `container` is what the
// user called it, `endpoint` what is asked for.
absl::Status ConnectNetwork(const Peers& peers, ContainerLocks& locks,
                            const std::string& container,
                            const std::string& network,
                            const network::v1::Endpoint& endpoint);

// Takes it off the network again. With `force` an unknown container is tried
// as an id: its record may be gone while its endpoint is not.
absl::Status DisconnectNetwork(const Peers& peers, ContainerLocks& locks,
                               const std::string& container,
                               const std::string& network, bool force);

}  // namespace tug::gatewayd
