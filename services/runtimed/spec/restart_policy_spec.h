// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "proto/tug/runtime/v1/container_config.pb.h"

namespace tug::runtimed {

// Name and retry count against each other. INVALID_ARGUMENT
// (CONTAINER_SPEC_INVALID) in Docker's words.
absl::Status CheckRestartPolicy(const runtime::v1::RestartPolicy& policy);

}  // namespace tug::runtimed
