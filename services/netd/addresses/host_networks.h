// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "lib/netlink/ip.h"

namespace tug::netd {

// What the host itself reaches at this moment.
struct HostNetworks {
  // Destinations of routes (default routes left out) and subnets of addresses.
  std::vector<netlink::IpPrefix> all;
  // Of those, the ones on the links that carry a default route: to lay a
  // container network over one of them would cut the host off.
  std::vector<netlink::IpPrefix> uplink;
};

absl::StatusOr<HostNetworks> ReadHostNetworks();

}  // namespace tug::netd
