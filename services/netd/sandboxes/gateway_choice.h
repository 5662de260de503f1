// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "services/netd/sandboxes/live_sandbox.h"

namespace tug::netd {

// The endpoint that has the default route of this family: highest priority,
// then first name; internal networks have none. Null if there is none.
const LiveEndpoint* ChooseGateway(const std::vector<LiveEndpoint>& endpoints,
                                  int family);

// Where published ports lead: the endpoints with the default routes.
PortTarget ChoosePortTarget(const std::vector<LiveEndpoint>& endpoints);

}  // namespace tug::netd
