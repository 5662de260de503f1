// SPDX-License-Identifier: Apache-2.0
//
// Docker's routes that are not built yet: 501 with what to do instead, unless
// the request is about something that does not exist. The README lists them,
// too.
#pragma once

#include <vector>

#include "services/gatewayd/peers/peers.h"
#include "services/gatewayd/routes/unbuilt/builder_route.h"
#include "services/gatewayd/server/route.h"

namespace tug::gatewayd {

// Goes behind all other tables: a built route of the same pattern wins.
std::vector<Route> UnbuiltRoutes(const Peers& peers, BuilderConnector builder);

}  // namespace tug::gatewayd
