// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "proto/tug/runtime/v1/container.pb.h"
#include "services/runtimed/spec/host_facts.h"

namespace tug::runtimed {

// Checks everything a new container asks for, fills in the defaults that
// clients read back, and appends to its `warnings` what will not be acted on.
// INVALID_ARGUMENT (CONTAINER_SPEC_INVALID).
absl::Status CompleteContainer(const HostFacts& facts,
                               runtime::v1::Container& container);

}  // namespace tug::runtimed
