// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "services/gatewayd/operations/container_locks.h"
#include "services/gatewayd/peers/peers.h"

namespace tug::gatewayd {

// Brings what the services hold for one container in line with its record:
// gives back what an ended or removed one still holds, finishes a removal,
// removes an ended one that wants it, hands the namespace of a running one to
// a network service that has lost it, starts what a restart policy wants
// running after a boot. Idempotent; takes the container's lock. UNAVAILABLE
// (and nothing done) while another sequence holds it.
absl::Status ReconcileContainer(const Peers& peers, ContainerLocks& locks,
                                const std::string& id);

// Whether a policy wants this container running although it has ended, which
// the runtime itself would have seen to but for a boot.
bool WantsStart(const runtime::v1::Container& container);

}  // namespace tug::gatewayd
