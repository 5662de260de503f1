// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "proto/tug/runtime/v1/container_config.pb.h"
#include "services/runtimed/init/launch_plan.h"

namespace tug::runtimed {

// The ulimits as setrlimit(2) takes them. INVALID_ARGUMENT
// (CONTAINER_SPEC_INVALID): unknown name, soft above hard, or above what this
// engine may raise.
absl::StatusOr<std::vector<PlanRlimit>> ContainerRlimits(
    const runtime::v1::HostConfig& host);

}  // namespace tug::runtimed
