// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/cgroup/cgroup.h"
#include "proto/tug/runtime/v1/container_config.pb.h"

namespace tug::runtimed {

// Checks the limits that HostConfig asks for against each other and against
// what the host can do. Appends to `warnings` what it cannot do and so will
// not. INVALID_ARGUMENT (CONTAINER_SPEC_INVALID).
absl::Status CheckResources(const runtime::v1::HostConfig& host,
                            const cgroup::Support& support,
                            std::vector<std::string>& warnings);

// The limits as the cgroup takes them; what the host cannot do is left out.
// Device policy not included. Looks up the block devices that are named.
absl::StatusOr<cgroup::Resources> ResourcesOf(
    const runtime::v1::HostConfig& host, const cgroup::Support& support);

}  // namespace tug::runtimed
