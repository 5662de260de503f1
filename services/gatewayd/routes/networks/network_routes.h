// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "services/gatewayd/peers/network_client.h"
#include "services/gatewayd/peers/runtime_client.h"
#include "services/gatewayd/server/route.h"

namespace tug::gatewayd {

// What the network routes talk to; outlives them.
struct NetworkRoutePeers {
  NetworkClient& networks;
  SandboxClient& sandboxes;
  ContainerClient& containers;
};

// The table of /networks.
std::vector<Route> NetworkRoutes(const NetworkRoutePeers& peers);

}  // namespace tug::gatewayd
