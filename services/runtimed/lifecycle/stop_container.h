// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "services/runtimed/runtime/runtime.h"

namespace tug::runtimed {

// The RPC of the same name; errors as in the contract. Blocks until the
// container has ended, whether the caller still listens or not.
absl::StatusOr<runtime::v1::StopContainerResponse> StopContainer(
    Runtime& rt, const runtime::v1::StopContainerRequest& request);

}  // namespace tug::runtimed
