// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "services/gatewayd/operations/container_locks.h"
#include "services/gatewayd/peers/peers.h"

namespace tug::gatewayd {

// Gives a container a new name, for people and for the embedded DNS.
absl::Status RenameContainer(const Peers& peers, ContainerLocks& locks,
                             const runtime::v1::Container& container,
                             const std::string& new_name);

}  // namespace tug::gatewayd
