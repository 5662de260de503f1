// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/netlink/ip.h"
#include "lib/sys/unique_fd.h"
#include "services/netd/ports/port_plan.h"

namespace tug::netd {

// A host port that is ours: while the socket lives, no other process gets it.
struct BoundPort {
  uint8_t protocol = 0;
  uint16_t container_port = 0;
  netlink::IpAddress host;
  uint16_t host_port = 0;
  // Bound, and listening if TCP; non-blocking.
  UniqueFd socket;
};

// Takes host ports by binding them.
//
// Thread-safe.
class PortBinder {
 public:
  // Binds one wish: with no host address on `any_host`, and on :: too if that
  // is 0.0.0.0, all with the same port. Nothing stays bound after a failure.
  // FAILED_PRECONDITION (PORT_TAKEN; metadata: address, port, protocol),
  // FAILED_PRECONDITION (HOST_ADDRESS_UNAVAILABLE),
  // FAILED_PRECONDITION (PROTOCOL_UNSUPPORTED).
  absl::StatusOr<std::vector<BoundPort>> Bind(
      const PortWish& wish, const netlink::IpAddress& any_host);

 private:
  // Where the search for a free port goes on.
  std::atomic<uint32_t> next_free_ = 0;
};

}  // namespace tug::netd
