// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "services/gatewayd/operations/container_locks.h"
#include "services/gatewayd/peers/peers.h"

namespace tug::gatewayd {

// Gives a container a new name, for people and for the embedded DNS. Waits for
// other operations on it for as long as the client does.
absl::Status RenameContainer(const Peers& peers, ContainerLocks& locks,
                             const runtime::v1::Container& container,
                             const std::string& new_name,
                             Cancellation* client_gone);

}  // namespace tug::gatewayd
