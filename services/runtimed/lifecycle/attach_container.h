// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "services/runtimed/runtime/runtime.h"

namespace tug::runtimed {

// The RPC of the same name; errors as in the contract.
absl::StatusOr<type::v1::StreamTicket> AttachContainer(
    Runtime& rt, const runtime::v1::AttachContainerRequest& request);

// The RPC of the same name.
absl::Status ResizeContainer(
    Runtime& rt, const runtime::v1::ResizeContainerRequest& request);

// The RPC of the same name.
absl::StatusOr<type::v1::StreamTicket> GetNetworkNamespace(
    Runtime& rt, const std::string& id);

}  // namespace tug::runtimed
