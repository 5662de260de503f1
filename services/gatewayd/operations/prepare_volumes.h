// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/gatewayd/operations/planned_mount.h"
#include "services/gatewayd/peers/peers.h"

namespace tug::gatewayd {

// A volume that is new and waits for its first content.
struct EmptyVolume {
  std::string name;
  // Where it will be mounted, so what to copy from the image.
  std::string destination;
  bool no_copy = false;
};

// Makes the volumes that do not exist yet, each held by the lease from the
// first, takes the others into it, and fills in name, source and driver of
// `mounts`. Answers those still empty. After a failure the lease holds all that
// was made.
absl::StatusOr<std::vector<EmptyVolume>> PrepareVolumes(
    const Peers& peers, const std::string& lease,
    std::vector<PlannedMount>& mounts);

// Fills an empty volume with what the container's root file system has at the
// same place. The root file system must have been prepared. Ends early with
// `client_gone` (may be null).
absl::Status CopyUp(const Peers& peers, const std::string& lease,
                    const EmptyVolume& volume, Cancellation* client_gone);

}  // namespace tug::gatewayd
