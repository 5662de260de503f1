// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "lib/netlink/ip.h"
#include "lib/netlink/message.h"
#include "lib/netlink/socket.h"

namespace tug::netlink {

// A route of the main table.
struct Route {
  // Length 0 is the default route.
  IpPrefix destination;
  int link = 0;
};

// The default route through `gateway`, replacing one of the same metric.
// `link` 0: the kernel finds the link.
Message SetDefaultRoute(const IpAddress& gateway, int link);
Message DeleteDefaultRoute(int family);

// Unicast routes of both families.
absl::StatusOr<std::vector<Route>> ListRoutes(Socket& socket);

}  // namespace tug::netlink
