// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "services/gatewayd/peers/peers.h"

namespace tug::gatewayd {

// Gives back what a container that has ended used while it ran: namespace,
// addresses, ports and mounted volumes. Idempotent.
absl::Status ReleaseRunning(const Peers& peers, const std::string& id);

// Which anonymous volumes go with a container, where nobody else holds them.
enum class AnonymousVolumes {
  kKeep,
  // Made for this container, and never mounted: it never came to be.
  kRemoveUnused,
  kRemove,
};

// Gives back everything that a container holds in other services. Idempotent.
absl::Status ReleaseLeases(const Peers& peers, const std::string& id,
                           AnonymousVolumes anonymous);

}  // namespace tug::gatewayd
