// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "services/runtimed/runtime/runtime.h"

namespace tug::runtimed {

// The RPCs of the same names; errors as in the contract.
absl::StatusOr<RecordPtr> BeginRemoveContainer(
    Runtime& rt, const runtime::v1::BeginRemoveContainerRequest& request);
absl::Status FinishRemoveContainer(Runtime& rt, const std::string& id);

// Drops all that is known of a container without a process, and tells that it
// is gone. The caller holds the operation lock.
absl::Status ForgetContainer(Runtime& rt,
                             const runtime::v1::Container& container,
                             Persist persist);

}  // namespace tug::runtimed
