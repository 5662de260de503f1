// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "services/runtimed/runtime/runtime.h"

namespace tug::runtimed {

// The RPC of the same name; errors as in the contract. Runs the host's ps(1).
absl::StatusOr<runtime::v1::ListProcessesResponse> ListProcesses(
    Runtime& rt, const runtime::v1::ListProcessesRequest& request);

// Picks from ps's `output` the rows of `pids`. INVALID_ARGUMENT
// (PS_ARGUMENTS) without a PID column.
absl::StatusOr<runtime::v1::ListProcessesResponse> ParseProcesses(
    absl::string_view output, const std::vector<int>& pids);

}  // namespace tug::runtimed
