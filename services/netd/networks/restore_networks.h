// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "services/netd/networks/network_owner.h"

namespace tug::netd {

// At start: opens the pools and makes the bridges of all recorded networks,
// then the predefined ones that are missing. A network that cannot be made is
// logged and stays recorded; it does not keep the others down.
absl::Status RestoreNetworks(NetworkOwner& owner);

}  // namespace tug::netd
