// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "lib/rpc/peer_credentials.h"
#include "lib/sys/unique_fd.h"

namespace tug::rpc {

// One listening socket, and who gets its connections.
struct Listener {
  UniqueFd socket;
  // Descriptors are close-on-exec; blocking unless `nonblocking`.
  bool nonblocking;
  std::function<void(UniqueFd connection)> accept;
};

// Accepts on all listeners, and refuses peers that `policy` does not allow,
// until `stop` becomes readable. Single-threaded; `accept` must not block.
absl::Status AcceptUntil(const UniqueFd& stop,
                         const std::vector<Listener>& listeners,
                         const PeerPolicy& policy);

}  // namespace tug::rpc
