// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "services/gatewayd/operations/container_locks.h"
#include "services/gatewayd/peers/peers.h"
#include "services/gatewayd/server/route.h"

namespace tug::gatewayd {

// What the network routes work with; outlives them.
struct NetworkParts {
  const Peers& peers;
  ContainerLocks& locks;
};

// The table of /networks.
std::vector<Route> NetworkRoutes(const NetworkParts& parts);

}  // namespace tug::gatewayd
