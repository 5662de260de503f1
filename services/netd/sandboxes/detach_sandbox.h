// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/netd/sandboxes/live_sandbox.h"
#include "services/netd/sandboxes/sandbox_owner.h"

namespace tug::netd {

// SandboxService.DetachSandbox: ports, names and addresses are free when it
// returns; the kernel takes the interfaces away with the namespace.
absl::Status DetachSandbox(SandboxOwner& owner, absl::string_view lease);

// SandboxService.ReleaseSandbox.
absl::Status ReleaseSandbox(SandboxOwner& owner, absl::string_view lease);

// Gives back all that `live` holds, in whatever state of construction it is.
void TearDown(SandboxOwner& owner, absl::string_view lease, LiveSandbox& live);

// Gives back what one endpoint holds besides its interface.
void LeaveNetwork(SandboxOwner& owner, absl::string_view lease,
                  const LiveEndpoint& endpoint);

// Takes away the published ports.
void ClosePorts(SandboxOwner& owner, LiveSandbox& live);

}  // namespace tug::netd
