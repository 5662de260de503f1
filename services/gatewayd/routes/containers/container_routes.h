// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "services/gatewayd/operations/container_locks.h"
#include "services/gatewayd/peers/peers.h"
#include "services/gatewayd/server/route.h"

namespace tug::gatewayd {

// The table of /containers. `peers` and `locks` outlive it.
std::vector<Route> ContainerRoutes(const Peers& peers, ContainerLocks& locks);

}  // namespace tug::gatewayd
