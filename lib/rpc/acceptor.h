// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
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
  // Of gRPC; else of byte streams.
  bool is_rpc;
  // `peer` is an administrator, or a service that has a rule here.
  std::function<void(UniqueFd connection, const Peer& peer)> accept;
};

// Accepts on all listeners of `service`, and refuses strangers and services
// without a rule (peer_table.h), until `stop` becomes readable.
// Single-threaded; `accept` must not block.
absl::Status AcceptUntil(const UniqueFd& stop, const std::string& service,
                         const std::vector<Listener>& listeners,
                         const PeerPolicy& policy);

}  // namespace tug::rpc
