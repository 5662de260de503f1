// SPDX-License-Identifier: Apache-2.0
//
// The cpu and cpuacct controllers (one on v2).
#pragma once

#include "absl/status/status.h"
#include "lib/cgroup/resources.h"
#include "lib/cgroup/stats.h"

namespace tug::cgroup {

absl::Status ApplyCpuV1(int directory, const Resources& resources);
absl::Status ApplyCpuV2(int directory, const Resources& resources);

// `account` is the directory of cpuacct; -1 where it is missing.
void ReadCpuV1(int directory, int account, Stats& stats);
void ReadCpuV2(int directory, Stats& stats);

// The weight of v2 (1 to 10000, 100 by default) for shares of v1 (2 to
// 262144, 1024 by default), as runc and crun convert.
int64_t WeightOfShares(int64_t shares);

}  // namespace tug::cgroup
