// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tug::gatewayd {

// The container's ports of "[[address:]host-port:]port[-port][/protocol]", each
// as "80/tcp". INVALID_ARGUMENT with Docker's words.
absl::StatusOr<std::vector<std::string>> ContainerPortsOf(
    absl::string_view spec);

}  // namespace tug::gatewayd
