// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "lib/kernel/capability.h"
#include "proto/tug/runtime/v1/container_config.pb.h"

namespace tug::runtimed {

// The fourteen that a container holds by default.
kernel::CapabilitySet DefaultCapabilities();

// The container's bounding, permitted and effective set. `own` is what the
// engine itself holds: more cannot be given. INVALID_ARGUMENT
// (CONTAINER_SPEC_INVALID) for an unknown name.
absl::StatusOr<kernel::CapabilitySet> ContainerCapabilities(
    const runtime::v1::HostConfig& host, kernel::CapabilitySet own);

}  // namespace tug::runtimed
