// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "proto/tug/network/v1/network.pb.h"
#include "services/netd/hosts/resolv_conf.h"
#include "services/netd/sandboxes/live_sandbox.h"
#include "services/netd/sandboxes/sandbox_owner.h"

namespace tug::netd {

// Write the files as the sandbox stands now.
absl::Status WriteHostsFile(SandboxOwner& owner,
                            const network::v1::Sandbox& sandbox,
                            const LiveSandbox& live,
                            ContainerFiles::Edits edits);
absl::Status WriteResolvConfFile(SandboxOwner& owner,
                                 const network::v1::Sandbox& sandbox,
                                 const LiveSandbox& live,
                                 ContainerFiles::Edits edits);

// The user's part of the resolver settings.
ResolvOverrides OverridesOf(const network::v1::Sandbox& sandbox);

// Whether names are resolved for it: it is on a user-defined network.
bool NeedsResolver(const LiveSandbox& live);

// INVALID_ARGUMENT (ENDPOINT_INVALID) if an entry is not "name:address".
absl::Status CheckExtraHosts(const network::v1::Sandbox& sandbox);

}  // namespace tug::netd
