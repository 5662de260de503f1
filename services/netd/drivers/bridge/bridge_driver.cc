// SPDX-License-Identifier: Apache-2.0
#include "services/netd/drivers/bridge/bridge_driver.h"

#include <linux/netlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/netlink/address.h"
#include "lib/netlink/link.h"
#include "lib/netlink/socket.h"
#include "services/netd/networks/ipam_settings.h"
#include "services/netd/sysctl/sysctl.h"

namespace tug::netd {
namespace {

using netlink::IpPrefix;
using netlink::LinkAddress;
using netlink::LinkInfo;
using netlink::Message;
using netlink::Socket;
using network::v1::Network;

std::vector<IpPrefix> Gateways(const Network& network) {
  std::vector<IpPrefix> gateways;
  for (const int family : {AF_INET, AF_INET6}) {
    const std::optional<IpPrefix> gateway = GatewayOf(network, family);
    if (gateway.has_value()) gateways.push_back(*gateway);
  }
  return gateways;
}

// Adds the gateway addresses that the bridge lacks; takes away others if the
// bridge is our own.
absl::Status SetAddresses(Socket& socket, const LinkInfo& bridge,
                          const std::vector<IpPrefix>& wanted, bool is_ours) {
  ASSIGN_OR_RETURN(const std::vector<LinkAddress> addresses,
                   netlink::ListAddresses(socket));
  std::vector<IpPrefix> present;
  std::vector<Message> batch;
  for (const LinkAddress& address : addresses) {
    if (address.link != bridge.index) continue;
    present.push_back(address.prefix);
    const bool keep =
        !is_ours || std::count(wanted.begin(), wanted.end(), address.prefix);
    if (!keep) {
      batch.push_back(netlink::DeleteAddress(bridge.index, address.prefix));
    }
  }
  for (const IpPrefix& prefix : wanted) {
    if (std::count(present.begin(), present.end(), prefix) == 0) {
      batch.push_back(netlink::AddAddress(bridge.index, prefix));
    }
  }
  return socket.Exchange(absl::MakeSpan(batch));
}

// The firewall has to know the bridge before route_localnet is on. A bridge of
// the host's own keeps its settings of IPv6: to disable it would take away the
// host's addresses there, and its routers are the host's business.
absl::Status SetSysctls(const Network& network, const std::string& bridge,
                        bool is_ours) {
  const std::string v4 = absl::StrCat("ipv4/conf/", bridge, "/");
  const std::string v6 = absl::StrCat("ipv6/conf/", bridge, "/");
  RETURN_IF_ERROR(WriteSysctl(v4 + "route_localnet", "1"));
  if (!is_ours) {
    return network.enable_ipv6() ? WriteSysctl(v6 + "disable_ipv6", "0")
                                 : absl::OkStatus();
  }
  // A container must not be able to advertise routes to the host.
  const absl::Status quiet = WriteSysctl(v6 + "accept_ra", "0");
  if (absl::IsNotFound(quiet)) return absl::OkStatus();  // No IPv6 at all.
  RETURN_IF_ERROR(quiet);
  return WriteSysctl(v6 + "disable_ipv6", network.enable_ipv6() ? "0" : "1");
}

}  // namespace

std::vector<Element> NetworkElements(const Network& network,
                                     const BridgeOptions& options) {
  return BridgeElements({.name = options.bridge_name,
                         .internal = network.internal(),
                         .masquerade = options.masquerade,
                         .inter_container = options.inter_container});
}

std::string BridgeDriver::AliasOf(absl::string_view network_id) const {
  return absl::StrCat(firewall_.table(), " network ", network_id);
}

absl::Status BridgeDriver::PrepareLink(const Network& network,
                                       const BridgeOptions& options) {
  ASSIGN_OR_RETURN(Socket socket, Socket::Open(NETLINK_ROUTE));
  const std::string& name = options.bridge_name;
  auto found = netlink::FindLink(socket, name);
  const std::string ours = AliasOf("");
  if (found.ok() && absl::StartsWith(found->alias, ours) &&
      found->alias != AliasOf(network.id())) {
    // Of a network that was removed just now.
    worker_.Drain();
    found = netlink::FindLink(socket, name);
  }
  if (absl::IsNotFound(found.status())) {
    std::vector<Message> batch;
    batch.push_back(
        netlink::CreateBridge(name, netlink::RandomMac(), options.mtu));
    batch.push_back(netlink::ChangeLink(
        name, {.alias = AliasOf(network.id()), .no_address_generation = true}));
    RETURN_IF_ERROR(socket.Exchange(absl::MakeSpan(batch)));
    found = netlink::FindLink(socket, name);
  }
  RETURN_IF_ERROR(found.status());
  if (found->kind != "bridge") {
    return WithReason(absl::FailedPreconditionError(absl::StrCat(
                          "interface ", name, " exists and is not a bridge")),
                      "NETWORK_OPTIONS_INVALID");
  }
  const bool is_ours = absl::StartsWith(found->alias, ours);
  RETURN_IF_ERROR(SetSysctls(network, name, is_ours));
  RETURN_IF_ERROR(SetAddresses(socket, *found, Gateways(network), is_ours));
  return socket.Exchange(netlink::ChangeLink(found->index, {.up = true}));
}

absl::Status BridgeDriver::Create(const Network& network) {
  ASSIGN_OR_RETURN(const BridgeOptions options, ParseBridgeOptions(network));
  RETURN_IF_ERROR(firewall_.Change({}, NetworkElements(network, options)));
  return Annotate(PrepareLink(network, options),
                  absl::StrCat("bridge ", options.bridge_name));
}

absl::Status BridgeDriver::Remove(const Network& network) {
  ASSIGN_OR_RETURN(const BridgeOptions options, ParseBridgeOptions(network));
  ASSIGN_OR_RETURN(Socket socket, Socket::Open(NETLINK_ROUTE));
  const auto bridge = netlink::FindLink(socket, options.bridge_name);
  const bool ours = bridge.ok() && bridge->alias == AliasOf(network.id());
  // route_localnet must be off, or the interface gone, before the firewall
  // forgets the bridge; an interface that is down takes no packets.
  absl::Status result;
  if (ours) {
    RETURN_IF_ERROR(SetAddresses(socket, *bridge, {}, true));
    result = socket.Exchange(netlink::ChangeLink(bridge->index, {.up = false}));
  } else if (bridge.ok()) {
    result = WriteSysctl(
        absl::StrCat("ipv4/conf/", options.bridge_name, "/route_localnet"),
        "0");
    RETURN_IF_ERROR(SetAddresses(socket, *bridge, {}, false));
  }
  const absl::Status forgotten =
      firewall_.Change(NetworkElements(network, options), {});
  if (result.ok() && !absl::IsNotFound(forgotten)) result = forgotten;
  if (ours) {
    worker_.Add([index = bridge->index] {
      auto socket = Socket::Open(NETLINK_ROUTE);
      if (!socket.ok()) return LogIfError(socket.status(), "delete bridge");
      LogIfError(socket->Exchange(netlink::DeleteLink(index)), "delete bridge");
    });
  }
  return result;
}

absl::Status BridgeDriver::RemoveStrays(
    const std::set<std::string>& network_ids) {
  ASSIGN_OR_RETURN(Socket socket, Socket::Open(NETLINK_ROUTE));
  ASSIGN_OR_RETURN(const std::vector<LinkInfo> links,
                   netlink::ListLinks(socket));
  absl::Status result;
  for (const LinkInfo& link : links) {
    absl::string_view id = link.alias;
    if (link.kind != "bridge" || !absl::ConsumePrefix(&id, AliasOf("")) ||
        network_ids.count(std::string(id)) > 0) {
      continue;
    }
    LogInfo("removing the bridge of a network that is gone",
            {{"bridge", link.name}});
    const absl::Status removed =
        socket.Exchange(netlink::DeleteLink(link.index));
    if (result.ok()) result = removed;
  }
  return result;
}

}  // namespace tug::netd
