// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "services/runtimed/runtime/runtime.h"

namespace tug::runtimed {

// The RPC of the same name; errors as in the contract.
absl::StatusOr<RecordPtr> StartContainer(
    Runtime& rt, const runtime::v1::StartContainerRequest& request);

}  // namespace tug::runtimed
