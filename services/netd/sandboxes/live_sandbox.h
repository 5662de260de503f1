// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lib/netlink/ip.h"
#include "lib/netlink/link.h"
#include "lib/sys/unique_fd.h"
#include "proto/tug/network/v1/network.pb.h"
#include "services/netd/firewall/element.h"
#include "services/netd/networks/network_options.h"
#include "services/netd/ports/published_ports.h"

namespace tug::netd {

// An endpoint that exists in the kernel.
struct LiveEndpoint {
  // The network without its endpoints.
  network::v1::Network network;
  BridgeOptions options;
  int64_t gateway_priority = 0;
  std::string endpoint_id;
  std::optional<netlink::IpPrefix> v4;
  std::optional<netlink::IpPrefix> v6;
  std::vector<netlink::IpPrefix> link_local;
  // Whether the user chose the MAC address, or an IP address.
  bool fixed_mac = false;
  bool fixed_address = false;
  netlink::MacAddress mac = {};
  // Inside; empty on networks without interfaces. Index 0: not known.
  std::string interface;
  int inner_index = 0;
  std::string host_interface;
  std::vector<std::string> dns_names;
  // "KEY=value" with IFNAME in the key, from the driver options.
  std::vector<std::pair<std::string, std::string>> sysctls;

  bool is_bridge() const;
};

// What an attached sandbox holds. Everything in it is given back by
// TearDown (detach_sandbox.h).
struct LiveSandbox {
  // Invalid with mode HOST, and after a restart of netd until it is adopted.
  UniqueFd ns;
  std::vector<LiveEndpoint> endpoints;
  PublishedPorts ports;
  // What the firewall holds for `ports` at this moment.
  std::vector<Element> elements;
  bool has_resolver = false;
};

// The endpoint on this network; null if there is none.
LiveEndpoint* FindEndpoint(LiveSandbox& live, absl::string_view network_id);

// Writes what became of the endpoints and ports into the API's message.
void Describe(const LiveSandbox& live, network::v1::Sandbox& sandbox);
// The opposite: what was asked for stays.
void ClearDescription(network::v1::Sandbox& sandbox);

// As network inspect shows it.
network::v1::AttachedEndpoint DescribeForNetwork(const LiveEndpoint& endpoint,
                                                 absl::string_view name);

}  // namespace tug::netd
