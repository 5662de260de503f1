// SPDX-License-Identifier: Apache-2.0
//
// Freezing all processes of a group.
#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace tug::cgroup {

// How long freezing may take: a process inside an uninterruptible call cannot
// be frozen.
inline constexpr absl::Duration kFreezeTimeout = absl::Seconds(10);

// Blocks until the state is reached; DEADLINE_EXCEEDED after the timeout, and
// then the group is thawed again.
absl::Status FreezeV1(int directory);
absl::Status ThawV1(int directory);
absl::Status FreezeV2(int directory);
absl::Status ThawV2(int directory);

}  // namespace tug::cgroup
