// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "services/gatewayd/operations/container_locks.h"
#include "services/gatewayd/peers/peers.h"

namespace tug::gatewayd {

// Longest stop, in seconds, that a restart finishes without its client.
inline constexpr int kLongestUnattendedStop = 600;

// Stops a container (by full id, as `stop` says) when it runs, and starts it
// anew. Goes on when the client leaves, unless the stop may take for ever (or
// longer than kLongestUnattendedStop): then CANCELLED, and what ends later is
// not started. Others may kill or remove the container during the stop.
absl::Status RestartContainer(const Peers& peers, ContainerLocks& locks,
                              const runtime::v1::StopContainerRequest& stop,
                              Cancellation* client_gone);

}  // namespace tug::gatewayd
