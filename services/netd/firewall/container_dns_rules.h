// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "absl/status/status.h"

namespace tug::netd {

// Inside a container's network namespace: what its processes send to
// 127.0.0.11 port 53 arrives at the resolver's ports, and answers come from
// port 53. Ports are rewritten without connection tracking, which a container
// otherwise does not need to pay for.
//
// `fd` is a NETLINK_NETFILTER socket of that namespace. `replace` tells that an
// earlier call may have left rules; to remove them costs an RCU grace period.
absl::Status RedirectContainerDns(int fd, uint16_t udp_port, uint16_t tcp_port,
                                  bool replace);

}  // namespace tug::netd
