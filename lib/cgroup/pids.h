// SPDX-License-Identifier: Apache-2.0
//
// The pids controller; the same files on v1 and v2.
#pragma once

#include "absl/status/status.h"
#include "lib/cgroup/resources.h"
#include "lib/cgroup/stats.h"

namespace tug::cgroup {

absl::Status ApplyPids(int directory, const Resources& resources);
void ReadPids(int directory, Stats& stats);

}  // namespace tug::cgroup
