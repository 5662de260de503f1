// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>

#include "absl/status/status.h"
#include "lib/netlink/socket.h"

namespace tug::netlink {

// Makes the kernel forget the UDP flows that were sent to one of these ports
// first, so that their next datagram is translated by the rules of now. Reads
// the whole table: not for a hot path. `socket` is of NETLINK_NETFILTER.
absl::Status DeleteUdpFlows(Socket& socket, const std::set<uint16_t>& ports);

}  // namespace tug::netlink
