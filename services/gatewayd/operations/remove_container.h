// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "services/gatewayd/operations/container_locks.h"
#include "services/gatewayd/peers/peers.h"

namespace tug::gatewayd {

// Removes a container by its full id, killing it first when `force`. What was
// begun goes on when the client leaves, and is finished by the reconciler
// should this process end.
absl::Status RemoveContainer(const Peers& peers, ContainerLocks& locks,
                             const std::string& id, bool force,
                             bool remove_anonymous_volumes,
                             Cancellation* client_gone = nullptr);

// The same for a caller that holds the container's lock.
absl::Status RemoveLocked(const Peers& peers, const std::string& id, bool force,
                          bool remove_anonymous_volumes);

// Takes back a container that is still CREATING, with its lock held; `leased`:
// it may hold something in other services. The record goes first: a commit
// whose answer was lost may have stored it, and a container must not be without
// its leases. Leases without a container are found by the reconciler.
absl::Status AbandonCreation(const Peers& peers, const std::string& id,
                             bool leased);

// The second half, for a container that is REMOVING; with its lock held.
absl::Status FinishRemoval(const Peers& peers,
                           const runtime::v1::Container& removing);

}  // namespace tug::gatewayd
