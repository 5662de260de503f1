// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/netd/networks/network_owner.h"

namespace tug::netd {

// NetworkService.RemoveNetwork.
absl::Status RemoveNetwork(NetworkOwner& owner, absl::string_view reference);

}  // namespace tug::netd
