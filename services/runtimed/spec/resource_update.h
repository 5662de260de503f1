// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/cgroup/cgroup.h"
#include "proto/tug/runtime/v1/container.pb.h"
#include "proto/tug/runtime/v1/container_config.pb.h"

namespace tug::runtimed {

// Checks the values that `update` sets, each by itself and against each other,
// as CheckResources does for a create.
absl::Status CheckUpdate(const runtime::v1::ResourceUpdate& update,
                         const cgroup::Support& support,
                         std::vector<std::string>& warnings);

// Takes them over into `host`. FAILED_PRECONDITION (UPDATE_CONFLICT) with
// Docker's rules for what excludes each other; INVALID_ARGUMENT
// (CONTAINER_SPEC_INVALID) when memory and swap do not fit any more.
absl::Status MergeUpdate(const runtime::v1::ResourceUpdate& update,
                         runtime::v1::HostConfig& host);

// The limits of `host`, to which `update` has been merged, as the container's
// cgroup takes them: those that the update lifts are unlimited there, not
// merely left as they are.
absl::StatusOr<cgroup::Resources> UpdatedResources(
    const runtime::v1::ResourceUpdate& update,
    const runtime::v1::HostConfig& host, const cgroup::Support& support);

// FAILED_PRECONDITION (UPDATE_CONFLICT).
absl::Status UpdateConflict(absl::string_view text);

}  // namespace tug::runtimed
