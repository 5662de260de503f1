// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include "absl/status/status.h"
#include "services/tugd/config.pb.h"

namespace tug::tugd {

// Makes the run directory (0755) and the state directory (0710), owned by
// root and `group`, and below both one a service (0710), owned by its user.
absl::Status MakeDirectories(const TugdConfig& config, gid_t group);

}  // namespace tug::tugd
