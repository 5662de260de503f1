// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "services/gatewayd/peers/peers.h"
#include "services/gatewayd/server/route.h"

namespace tug::gatewayd {

// Every volume, by name; `sizes` measures them (slow).
absl::StatusOr<std::vector<volume::v1::Volume>> ListAllVolumes(
    VolumeClient& client, bool sizes);

// The table of /volumes. `peers` outlives it.
std::vector<Route> VolumeRoutes(const Peers& peers);

}  // namespace tug::gatewayd
