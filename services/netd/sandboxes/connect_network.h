// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "proto/tug/network/v1/network.pb.h"
#include "services/netd/sandboxes/sandbox_owner.h"

namespace tug::netd {

// SandboxService.ConnectNetwork and DisconnectNetwork.
absl::StatusOr<network::v1::Sandbox> ConnectNetwork(
    SandboxOwner& owner, const network::v1::ConnectNetworkRequest& request);
absl::StatusOr<network::v1::Sandbox> DisconnectNetwork(
    SandboxOwner& owner, const network::v1::DisconnectNetworkRequest& request);

}  // namespace tug::netd
