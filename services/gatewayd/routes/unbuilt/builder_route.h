// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "lib/sys/unique_fd.h"
#include "services/gatewayd/server/request_context.h"

namespace tug::gatewayd {

// Serves the builder's HTTP/2 on a connected stream socket; returns at once.
using BuilderConnector = std::function<void(UniqueFd connection)>;

// POST /grpc: the connection becomes one to the builder until either side ends
// it. Blocks that long.
absl::Status ConnectToBuilder(const BuilderConnector& connect,
                              RequestContext& context);

// POST /session: where a builder would ask the client for files and secrets.
// It is held until the client leaves, and nobody asks, since the build that it
// is for is refused.
absl::Status HoldSession(RequestContext& context);

}  // namespace tug::gatewayd
