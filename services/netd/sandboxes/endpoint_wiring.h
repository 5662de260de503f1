// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "lib/netlink/socket.h"
#include "services/netd/namespaces/network_namespace.h"
#include "services/netd/sandboxes/live_sandbox.h"

namespace tug::netd {

// Gives the pair that waits in `ready` to `endpoint`: one message exchange in
// the host's namespace, one inside.
absl::Status WireReady(netlink::Socket& host, ReadyNamespace& ready,
                       LiveEndpoint& endpoint, bool hairpin);

// Makes a pair for `endpoint` in a namespace that is in use. `inside` is a
// socket there.
absl::Status WireNew(netlink::Socket& host, const UniqueFd& ns,
                     netlink::Socket& inside, LiveEndpoint& endpoint,
                     bool hairpin);

// Deletes the pair of `endpoint`.
absl::Status Unwire(netlink::Socket& host, const LiveEndpoint& endpoint);

// Takes back what the host was told of the endpoint's addresses; before these
// are given to another.
void ForgetNeighbours(const LiveEndpoint& endpoint);

// Makes the default routes those of `endpoints`.
absl::Status SetDefaultRoutes(netlink::Socket& inside,
                              const std::vector<LiveEndpoint>& endpoints);

// The name of the next interface of `live`: the prefix and the first free
// number.
std::string NextInterfaceName(const LiveSandbox& live,
                              absl::string_view prefix);

}  // namespace tug::netd
