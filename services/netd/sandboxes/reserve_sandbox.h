// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/tug/network/v1/network.pb.h"
#include "services/netd/sandboxes/sandbox_owner.h"

namespace tug::netd {

// SandboxService.ReserveSandbox. A network that is not there is looked up again
// when the sandbox is attached. FAILED_PRECONDITION (SANDBOX_ATTACHED) if it
// is attached.
absl::StatusOr<network::v1::Sandbox> ReserveSandbox(
    SandboxOwner& owner, const network::v1::ReserveSandboxRequest& request);

// SandboxService.RenameSandbox.
absl::Status RenameSandbox(SandboxOwner& owner, absl::string_view lease,
                           absl::string_view name);

}  // namespace tug::netd
