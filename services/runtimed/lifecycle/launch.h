// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "services/runtimed/runtime/runtime.h"
#include "services/runtimed/runtime/start_error.h"

namespace tug::runtimed {

// Starts the process of `record` (whose `start` tells the paths) in `network`,
// publishes RUNNING and the event "start". The caller holds the container's
// operation lock. On failure nothing is left behind, and the record is as
// before; `failure` then tells what clients want to hear.
absl::StatusOr<RecordPtr> Launch(Runtime& rt, const ContainerRecord& record,
                                 UniqueFd network, StartError& failure);

}  // namespace tug::runtimed
