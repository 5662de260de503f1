// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "services/netd/sandboxes/sandbox_owner.h"

namespace tug::netd {

// At start, after the networks: sandboxes that were attached before in this
// boot get their addresses, names and host ports back at once; their namespaces
// come with AdoptSandbox. Brings the firewall's elements up to date.
absl::Status RestoreSandboxes(SandboxOwner& owner);

}  // namespace tug::netd
