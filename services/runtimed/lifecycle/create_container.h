// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "services/runtimed/runtime/runtime.h"

namespace tug::runtimed {

// The RPCs of the same names; errors as in the contract.
absl::StatusOr<RecordPtr> CreateContainer(
    Runtime& rt, const runtime::v1::CreateContainerRequest& request);
absl::StatusOr<RecordPtr> CommitContainer(
    Runtime& rt, const runtime::v1::CommitContainerRequest& request);
absl::Status AbandonContainer(Runtime& rt, const std::string& id);

}  // namespace tug::runtimed
