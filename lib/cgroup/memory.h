// SPDX-License-Identifier: Apache-2.0
//
// The memory controller. `directory` is the group's directory in the memory
// hierarchy (v1) or in the only one (v2).
#pragma once

#include "absl/status/status.h"
#include "lib/cgroup/resources.h"
#include "lib/cgroup/stats.h"

namespace tug::cgroup {

absl::Status ApplyMemoryV1(int directory, const Resources& resources);
absl::Status ApplyMemoryV2(int directory, const Resources& resources);

void ReadMemoryV1(int directory, Stats& stats);
void ReadMemoryV2(int directory, Stats& stats);

// Processes that the kernel has killed here for want of memory.
uint64_t OomKillsV1(int directory);
uint64_t OomKillsV2(int directory);

}  // namespace tug::cgroup
