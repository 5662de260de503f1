// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/time/time.h"
#include "services/runtimed/runtime/runtime.h"

namespace tug::runtimed {

// Starts a RESTARTING container again after its pause, with what it leased at
// its last start.
void SchedulePolicyRestart(Runtime& rt, const ContainerRecord& record,
                           absl::Duration ran_for);

// Ends the waiting for a restart: RESTARTING becomes EXITED. The caller holds
// the operation lock.
absl::StatusOr<RecordPtr> CancelPolicyRestart(Runtime& rt,
                                              const std::string& id);

}  // namespace tug::runtimed
