// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "services/gatewayd/peers/peers.h"
#include "services/gatewayd/server/route.h"

namespace tug::gatewayd {

// The table of /exec, and of POST /containers/{name}/exec. `peers` outlives it.
std::vector<Route> ExecRoutes(const Peers& peers);

}  // namespace tug::gatewayd
