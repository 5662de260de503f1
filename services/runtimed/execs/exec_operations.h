// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "services/runtimed/runtime/runtime.h"

namespace tug::runtimed {

// The RPCs of the same names; errors as in the contract.
absl::StatusOr<runtime::v1::Exec> CreateExec(
    Runtime& rt, const runtime::v1::CreateExecRequest& request);
absl::StatusOr<runtime::v1::StartExecResponse> StartExec(
    Runtime& rt, const runtime::v1::StartExecRequest& request);
absl::Status ResizeExec(Runtime& rt,
                        const runtime::v1::ResizeExecRequest& request);

// Runs a registered exec with `stream` (may be invalid) as its streams, of
// which `flags` (kStream*) are connected. Used by StartExec and by probes. What
// has not reached its program after `patience` is killed: DEADLINE_EXCEEDED. An
// exec that is answered as failed has ended for good.
absl::Status RunExec(Runtime& rt, const runtime::v1::Exec& exec,
                     UniqueFd stream, uint32_t flags,
                     absl::Duration patience = ShimConnection::kCallTimeout);

// SIGKILL to an exec, also to one that has not reached its program, for a probe
// that takes too long.
absl::Status KillExec(Runtime& rt, const runtime::v1::Exec& exec);

}  // namespace tug::runtimed
