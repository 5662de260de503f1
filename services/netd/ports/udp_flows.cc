// SPDX-License-Identifier: Apache-2.0
#include "services/netd/ports/udp_flows.h"

#include <linux/netlink.h>

#include <set>
#include <utility>

#include "lib/base/log.h"
#include "lib/netlink/conntrack.h"
#include "lib/netlink/socket.h"

namespace tug::netd {

void ForgetUdpFlows(Worker& worker, const std::vector<uint16_t>& host_ports) {
  if (host_ports.empty()) return;
  std::set<uint16_t> ports(host_ports.begin(), host_ports.end());
  worker.Add([ports = std::move(ports)] {
    auto socket = netlink::Socket::Open(NETLINK_NETFILTER);
    LogIfError(
        socket.ok() ? netlink::DeleteUdpFlows(*socket, ports) : socket.status(),
        "forget UDP flows of published ports");
  });
}

}  // namespace tug::netd
