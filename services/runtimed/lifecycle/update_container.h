// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "services/runtimed/runtime/runtime.h"

namespace tug::runtimed {

// The RPC of the same name; errors as in the contract.
absl::StatusOr<runtime::v1::UpdateContainerResponse> UpdateContainer(
    Runtime& rt, const runtime::v1::UpdateContainerRequest& request);

}  // namespace tug::runtimed
