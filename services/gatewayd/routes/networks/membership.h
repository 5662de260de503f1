// SPDX-License-Identifier: Apache-2.0
//
// POST /networks/{id}/connect and /disconnect.
#pragma once

#include "absl/status/status.h"
#include "services/gatewayd/routes/networks/network_routes.h"
#include "services/gatewayd/server/request_context.h"

namespace tug::gatewayd {

absl::Status ConnectContainer(const NetworkParts& parts,
                              RequestContext& context);
absl::Status DisconnectContainer(const NetworkParts& parts,
                                 RequestContext& context);

}  // namespace tug::gatewayd
