// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "services/gatewayd/operations/container_locks.h"
#include "services/gatewayd/peers/peers.h"

namespace tug::gatewayd {

// Starts a container by its full id. If a step fails, nothing of it stays,
// and a container with auto_remove is removed. A container that runs is
// answered with Docker's 304. Once begun it goes on when the client leaves.
absl::Status StartContainer(const Peers& peers, ContainerLocks& locks,
                            const std::string& id,
                            Cancellation* client_gone = nullptr);

// What a start is part of; a restart is told by an event of its own.
enum class StartOf { kItself, kRestart };

// The same for a caller that holds the lock, and has just read the record.
absl::Status StartLocked(const Peers& peers,
                         const runtime::v1::Container& container,
                         StartOf part_of = StartOf::kItself);

}  // namespace tug::gatewayd
