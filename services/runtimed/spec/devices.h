// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "lib/cgroup/resources.h"
#include "proto/tug/runtime/v1/container_config.pb.h"
#include "services/runtimed/init/launch_plan_builder.h"

namespace tug::runtimed {

// The nodes that every container has below its own /dev.
std::vector<DeviceSpec> DefaultNodes();

// Nodes to make beyond those of every container, and the whole device policy.
struct ContainerDevices {
  std::vector<DeviceSpec> nodes;
  std::vector<cgroup::DeviceRule> rules;
};

// Checks what can be checked before the start: forms, not the devices.
absl::Status CheckDevices(const runtime::v1::HostConfig& host);

// Looks at the host's devices. INVALID_ARGUMENT (CONTAINER_SPEC_INVALID) for
// one that is missing or no device.
absl::StatusOr<ContainerDevices> DevicesOf(const runtime::v1::HostConfig& host);

}  // namespace tug::runtimed
