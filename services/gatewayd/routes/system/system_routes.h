// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "services/gatewayd/events/event_feed.h"
#include "services/gatewayd/peers/peers.h"
#include "services/gatewayd/server/route.h"

namespace tug::gatewayd {

struct SystemRouteOptions {
  // Shown as DockerRootDir, and part of the engine's id.
  std::string state_directory = "/var/lib/tug";
};

// The table of _ping, version, info, events, auth and system/df. Reads the
// facts of the host now: call it before the gateway is confined. `peers`
// and `events` outlive the table.
std::vector<Route> SystemRoutes(const Peers& peers, EventFeed& events,
                                const SystemRouteOptions& options);

}  // namespace tug::gatewayd
