// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "services/gatewayd/operations/container_locks.h"
#include "services/gatewayd/peers/peers.h"

namespace tug::gatewayd {

// Stops a container (by full id, as `stop` says) when it runs, and starts it
// anew.
absl::Status RestartContainer(const Peers& peers, ContainerLocks& locks,
                              const runtime::v1::StopContainerRequest& stop);

}  // namespace tug::gatewayd
