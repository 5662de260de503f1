// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/tug/network/v1/network.pb.h"
#include "services/netd/sandboxes/sandbox_owner.h"

namespace tug::netd {

// SandboxService.RemoveLink.
absl::StatusOr<network::v1::Sandbox> RemoveLink(SandboxOwner& owner,
                                                absl::string_view lease,
                                                absl::string_view alias);

}  // namespace tug::netd
