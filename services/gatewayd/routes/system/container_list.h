// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "services/gatewayd/peers/runtime_client.h"

namespace tug::gatewayd {

// Every container, without its configuration.
absl::StatusOr<std::vector<runtime::v1::Container>> ListAllContainers(
    ContainerClient& client);

}  // namespace tug::gatewayd
