// SPDX-License-Identifier: Apache-2.0
//
// The handlers of the table in system_routes.cc, one file each.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "services/gatewayd/events/event_feed.h"
#include "services/gatewayd/peers/peers.h"
#include "services/gatewayd/routes/system/host_facts.h"
#include "services/gatewayd/server/request_context.h"

namespace tug::gatewayd {

// What the handlers share.
struct SystemParts {
  const Peers& peers;
  EventFeed& events;
  HostFacts facts;
  std::string state_directory;
  // Stays the same for a machine and a state directory.
  std::string engine_id;
};

absl::Status Ping(const SystemParts& parts, RequestContext& context);
absl::Status Version(const SystemParts& parts, RequestContext& context);
absl::Status Info(const SystemParts& parts, RequestContext& context);
absl::Status Events(const SystemParts& parts, RequestContext& context);
absl::Status Authenticate(const SystemParts& parts, RequestContext& context);
absl::Status DiskUsage(const SystemParts& parts, RequestContext& context);

}  // namespace tug::gatewayd
