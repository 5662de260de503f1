// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/sys/unique_fd.h"
#include "proto/tug/network/v1/network.pb.h"
#include "services/netd/sandboxes/sandbox_owner.h"

namespace tug::netd {

struct AttachedSandbox {
  network::v1::Sandbox sandbox;
  // Invalid with mode HOST.
  UniqueFd ns;
  std::map<std::string, std::string> sysctls;
};

// SandboxService.AttachSandbox.
absl::StatusOr<AttachedSandbox> AttachSandbox(SandboxOwner& owner,
                                              absl::string_view lease);

// Joins a network: takes addresses and shows the endpoint. Nothing of the
// kernel yet. Nothing is kept after a failure.
absl::StatusOr<LiveEndpoint> JoinNetwork(SandboxOwner& owner,
                                         const network::v1::Sandbox& sandbox,
                                         const network::v1::Endpoint& endpoint,
                                         const network::v1::Network& network);

// Opens the published ports towards the endpoints with the default routes, or
// leads open ones there. Without such endpoints nothing is published.
absl::Status AimPorts(SandboxOwner& owner, const network::v1::Sandbox& sandbox,
                      LiveSandbox& live);

// Rewrites the hosts files of running containers with a legacy link to it.
void RefreshLinked(SandboxOwner& owner, absl::string_view lease);

}  // namespace tug::netd
