// SPDX-License-Identifier: Apache-2.0
#include "services/netd/addresses/host_networks.h"

#include <linux/netlink.h>

#include <set>

#include "lib/base/status_macros.h"
#include "lib/netlink/address.h"
#include "lib/netlink/route.h"
#include "lib/netlink/socket.h"

namespace tug::netd {

absl::StatusOr<HostNetworks> ReadHostNetworks() {
  ASSIGN_OR_RETURN(netlink::Socket socket,
                   netlink::Socket::Open(NETLINK_ROUTE));
  ASSIGN_OR_RETURN(const auto routes, netlink::ListRoutes(socket));
  ASSIGN_OR_RETURN(const auto addresses, netlink::ListAddresses(socket));
  std::set<int> uplinks;
  for (const netlink::Route& route : routes) {
    if (route.destination.length == 0) uplinks.insert(route.link);
  }
  HostNetworks networks;
  const auto add = [&](const netlink::IpPrefix& prefix, int link) {
    networks.all.push_back(prefix.Masked());
    if (uplinks.count(link) > 0) networks.uplink.push_back(prefix.Masked());
  };
  for (const netlink::Route& route : routes) {
    if (route.destination.length > 0) add(route.destination, route.link);
  }
  for (const netlink::LinkAddress& address : addresses) {
    add(address.prefix, address.link);
  }
  return networks;
}

}  // namespace tug::netd
