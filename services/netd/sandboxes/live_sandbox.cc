// SPDX-License-Identifier: Apache-2.0
#include "services/netd/sandboxes/live_sandbox.h"

#include <sys/socket.h>

#include "services/netd/networks/ipam_settings.h"
#include "services/netd/networks/predefined.h"
#include "services/netd/sandboxes/gateway_choice.h"

namespace tug::netd {
namespace {

using network::v1::Endpoint;
using network::v1::Sandbox;

std::string GatewayText(const LiveEndpoint& live, int family) {
  if (live.network.internal()) return "";
  const auto gateway = GatewayOf(live.network, family);
  return gateway.has_value() ? gateway->address.ToString() : "";
}

void DescribeEndpoint(const LiveEndpoint& live, Endpoint& endpoint) {
  endpoint.set_endpoint_id(live.endpoint_id);
  if (!live.is_bridge()) return;
  endpoint.set_mac_address(netlink::ToString(live.mac));
  endpoint.set_interface(live.interface);
  if (live.v4.has_value()) {
    endpoint.set_ip_address(live.v4->address.ToString());
    endpoint.set_ip_prefix_length(live.v4->length);
    endpoint.set_gateway(GatewayText(live, AF_INET));
  }
  if (live.v6.has_value()) {
    endpoint.set_global_ipv6_address(live.v6->address.ToString());
    endpoint.set_global_ipv6_prefix_length(live.v6->length);
    endpoint.set_ipv6_gateway(GatewayText(live, AF_INET6));
  }
  endpoint.mutable_dns_names()->Assign(live.dns_names.begin(),
                                       live.dns_names.end());
}

}  // namespace

bool LiveEndpoint::is_bridge() const {
  return network.driver() == kBridgeDriver;
}

LiveEndpoint* FindEndpoint(LiveSandbox& live, absl::string_view network_id) {
  for (LiveEndpoint& endpoint : live.endpoints) {
    if (endpoint.network.id() == network_id) return &endpoint;
  }
  return nullptr;
}

void ClearDescription(Sandbox& sandbox) {
  sandbox.set_attached(false);
  sandbox.clear_ports();
  sandbox.clear_gateway_network();
  for (Endpoint& endpoint : *sandbox.mutable_endpoints()) {
    endpoint.clear_endpoint_id();
    endpoint.clear_mac_address();
    endpoint.clear_gateway();
    endpoint.clear_ip_address();
    endpoint.clear_ip_prefix_length();
    endpoint.clear_ipv6_gateway();
    endpoint.clear_global_ipv6_address();
    endpoint.clear_global_ipv6_prefix_length();
    endpoint.clear_interface();
  }
}

void Describe(const LiveSandbox& live, Sandbox& sandbox) {
  ClearDescription(sandbox);
  sandbox.set_attached(live.ns.valid() || sandbox.mode() == Sandbox::HOST);
  for (Endpoint& endpoint : *sandbox.mutable_endpoints()) {
    for (const LiveEndpoint& one : live.endpoints) {
      if (one.network.id() == endpoint.network_id()) {
        DescribeEndpoint(one, endpoint);
      }
    }
  }
  for (network::v1::PublishedPort& port : live.ports.Describe()) {
    *sandbox.add_ports() = std::move(port);
  }
  const LiveEndpoint* const gateway = ChooseGateway(live.endpoints, AF_INET);
  if (gateway != nullptr) sandbox.set_gateway_network(gateway->network.name());
}

network::v1::AttachedEndpoint DescribeForNetwork(const LiveEndpoint& endpoint,
                                                 absl::string_view name) {
  network::v1::AttachedEndpoint described;
  described.set_name(std::string(name));
  described.set_endpoint_id(endpoint.endpoint_id);
  if (!endpoint.is_bridge()) return described;
  described.set_mac_address(netlink::ToString(endpoint.mac));
  if (endpoint.v4.has_value()) {
    described.set_ipv4_address(endpoint.v4->ToString());
  }
  if (endpoint.v6.has_value()) {
    described.set_ipv6_address(endpoint.v6->ToString());
  }
  return described;
}

}  // namespace tug::netd
