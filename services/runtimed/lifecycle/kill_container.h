// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "services/runtimed/runtime/runtime.h"

namespace tug::runtimed {

// The RPC of the same name; errors as in the contract.
absl::Status KillContainer(Runtime& rt,
                           const runtime::v1::KillContainerRequest& request);

}  // namespace tug::runtimed
