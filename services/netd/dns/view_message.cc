// SPDX-License-Identifier: Apache-2.0
#include "services/netd/dns/view_message.h"

#include <string>

namespace tug::netd::dns {

View ToMessage(absl::string_view lease, const DnsView& view) {
  View message;
  message.set_lease(std::string(lease));
  for (const DnsView::Network& network : view.networks) {
    ViewedNetwork& one = *message.add_networks();
    one.set_id(network.id);
    one.set_name(network.name);
  }
  message.mutable_links()->insert(view.links.begin(), view.links.end());
  for (const netlink::IpAddress& server : view.upstreams) {
    message.add_upstreams(server.ToString());
  }
  message.set_ask_from_inside(view.ask_from_inside);
  message.set_forward(view.forward);
  message.set_ndots_set(view.ndots_set);
  return message;
}

DnsView FromMessage(const View& message) {
  DnsView view;
  for (const ViewedNetwork& network : message.networks()) {
    view.networks.push_back({network.id(), network.name()});
  }
  view.links.insert(message.links().begin(), message.links().end());
  for (const std::string& text : message.upstreams()) {
    const auto server = netlink::IpAddress::Parse(text);
    if (server.ok()) view.upstreams.push_back(*server);
  }
  view.ask_from_inside = message.ask_from_inside();
  view.forward = message.forward();
  view.ndots_set = message.ndots_set();
  return view;
}

NameDirectory::Addresses AddressesOf(const Names& names) {
  NameDirectory::Addresses addresses;
  const auto v4 = netlink::IpAddress::Parse(names.ipv4());
  const auto v6 = netlink::IpAddress::Parse(names.ipv6());
  if (v4.ok()) addresses.v4 = *v4;
  if (v6.ok()) addresses.v6 = *v6;
  return addresses;
}

}  // namespace tug::netd::dns
