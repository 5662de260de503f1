// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "services/runtimed/runtime/runtime.h"

namespace tug::runtimed {

// The RPCs of the same names; errors as in the contract.
absl::StatusOr<RecordPtr> PauseContainer(Runtime& rt, const std::string& id);
absl::StatusOr<RecordPtr> UnpauseContainer(Runtime& rt, const std::string& id);

}  // namespace tug::runtimed
