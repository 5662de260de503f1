// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "boost/json.hpp"
#include "cli/options/container_options.h"

namespace tug::cli {

// The networks of a new container: the mode, and settings for each network.
struct NetworkRequest {
  std::string mode;  // Of the first network; empty: the engine's default.
  boost::json::object endpoints;
};

// --network name, or name=...,alias=...,ip=...,ip6=...,mac-address=...,
// driver-opt=k=v,gw-priority=n,link-local-ip=...; with --network-alias, --ip,
// ... for the first one. INVALID_ARGUMENT.
absl::StatusOr<NetworkRequest> ParseNetworks(const ContainerOptions& options);

// Whether a mode names a network of the user's (not bridge, host, none,
// container:...).
bool IsUserNetwork(absl::string_view mode);

}  // namespace tug::cli
