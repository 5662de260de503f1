// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "services/netd/namespaces/network_namespace.h"
#include "services/netd/sandboxes/live_sandbox.h"
#include "services/netd/sandboxes/sandbox_owner.h"

namespace tug::netd {

// Makes the endpoint known by its names on its network.
void PublishNames(SandboxOwner& owner, const network::v1::Sandbox& sandbox,
                  const LiveEndpoint& endpoint);

// What the sandbox's own questions are answered from.
DnsView ViewOf(const network::v1::Sandbox& sandbox, const LiveSandbox& live);

// Starts the resolver inside the namespace with sockets that are open there.
// `firewall_fd` is a NETLINK_NETFILTER socket inside.
absl::Status StartResolver(SandboxOwner& owner,
                           const network::v1::Sandbox& sandbox,
                           LiveSandbox& live, ResolverSockets sockets,
                           int firewall_fd, bool replace);
// The same, opening what it needs inside.
absl::Status StartResolverInside(SandboxOwner& owner,
                                 const network::v1::Sandbox& sandbox,
                                 LiveSandbox& live);

// Events "connect" and "disconnect".
void PublishEndpointEvent(SandboxOwner& owner, absl::string_view action,
                          absl::string_view lease,
                          const network::v1::Network& network);

}  // namespace tug::netd
