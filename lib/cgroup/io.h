// SPDX-License-Identifier: Apache-2.0
//
// The blkio (v1) and io (v2) controllers.
#pragma once

#include "absl/status/status.h"
#include "lib/cgroup/resources.h"
#include "lib/cgroup/stats.h"

namespace tug::cgroup {

absl::Status ApplyIoV1(int directory, const Resources& resources);
absl::Status ApplyIoV2(int directory, const Resources& resources);
void ReadIoV1(int directory, Stats& stats);
void ReadIoV2(int directory, Stats& stats);

// io.weight (1 to 10000) for a blkio weight (10 to 1000).
uint64_t IoWeightOfBlkio(uint64_t weight);

}  // namespace tug::cgroup
