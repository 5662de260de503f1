// SPDX-License-Identifier: Apache-2.0
//
// What a route that is not built yet still knows: whether its request means
// anything. A request about something that does not exist is answered so, not
// with "not built": clients look things up to find out.
#pragma once

#include "absl/status/status.h"
#include "services/gatewayd/peers/peers.h"
#include "services/gatewayd/server/request_context.h"

namespace tug::gatewayd {

// An error is the answer; so is what the check itself has sent.
using RequestCheck = absl::Status (*)(const Peers&, RequestContext&);

// The body is JSON, or absent.
absl::Status CheckBody(const Peers& peers, RequestContext& context);

// There are no plugins: every one is unknown.
absl::Status FindPlugin(const Peers& peers, RequestContext& context);
absl::Status FindPluginToEnable(const Peers& peers, RequestContext& context);
absl::Status FindPluginToUpgrade(const Peers& peers, RequestContext& context);

// Of swarm routes, before the swarm is asked for: body and "version" of an
// update, "filters" of a list, which streams of logs.
absl::Status CheckServiceUpdate(const Peers& peers, RequestContext& context);
absl::Status CheckNodeUpdate(const Peers& peers, RequestContext& context);
absl::Status CheckSwarmUpdate(const Peers& peers, RequestContext& context);
absl::Status CheckSecretUpdate(const Peers& peers, RequestContext& context);
absl::Status CheckConfigUpdate(const Peers& peers, RequestContext& context);
absl::Status CheckServiceFilters(const Peers& peers, RequestContext& context);
absl::Status CheckNodeFilters(const Peers& peers, RequestContext& context);
absl::Status CheckTaskFilters(const Peers& peers, RequestContext& context);
absl::Status CheckSecretFilters(const Peers& peers, RequestContext& context);
absl::Status CheckLogStreams(const Peers& peers, RequestContext& context);

// The container, image or profile that is named exists.
absl::Status FindSourceOfCommit(const Peers& peers, RequestContext& context);
absl::Status FindImageToPush(const Peers& peers, RequestContext& context);
absl::Status FindProfile(const Peers& peers, RequestContext& context);

}  // namespace tug::gatewayd
