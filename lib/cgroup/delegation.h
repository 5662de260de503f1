// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace tug::cgroup {

// Path below the unified hierarchy `root` that this process may make groups
// in: the unit that systemd has delegated to it (the daemons are first moved
// into its leaf "daemons", because a group with processes cannot hand out
// controllers), else the root (""). Called once, before any container.
absl::StatusOr<std::string> ClaimDelegatedRoot(int root);

}  // namespace tug::cgroup
