// SPDX-License-Identifier: Apache-2.0
#include "services/netd/sandboxes/endpoint_wiring.h"

#include <linux/netlink.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/netlink/address.h"
#include "lib/netlink/link.h"
#include "lib/netlink/neighbour.h"
#include "lib/netlink/route.h"
#include "services/netd/networks/ipam_settings.h"
#include "services/netd/sandboxes/gateway_choice.h"

namespace tug::netd {
namespace {

using netlink::IpPrefix;
using netlink::LinkInfo;
using netlink::Message;
using netlink::Socket;

// The interface of a network, as two ioctls tell it.
struct Bridge {
  int index = 0;
  netlink::MacAddress mac = {};
};

absl::StatusOr<Bridge> FindBridge(const LiveEndpoint& endpoint) {
  const std::string& name = endpoint.options.bridge_name;
  const UniqueFd any(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request = {};
  name.copy(request.ifr_name, IFNAMSIZ - 1);
  Bridge bridge;
  if (!any || ioctl(any.get(), SIOCGIFINDEX, &request) != 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        "network ", endpoint.network.name(), " has lost its bridge ", name));
  }
  bridge.index = request.ifr_ifindex;
  if (ioctl(any.get(), SIOCGIFHWADDR, &request) != 0) {
    return ErrnoStatus(errno, absl::StrCat("look at bridge ", name));
  }
  std::memcpy(bridge.mac.data(), request.ifr_hwaddr.sa_data, bridge.mac.size());
  return bridge;
}

// A bridge that gets its first port needs a moment. Costs one ioctl else.
absl::Status AwaitBridge(Socket& host, const Bridge& bridge,
                         const LiveEndpoint& endpoint) {
  ifreq request = {};
  endpoint.options.bridge_name.copy(request.ifr_name, IFNAMSIZ - 1);
  const UniqueFd any(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (any && ioctl(any.get(), SIOCGIFFLAGS, &request) == 0 &&
      (request.ifr_flags & IFF_RUNNING) != 0) {
    return absl::OkStatus();
  }
  return netlink::AwaitRunning(host, bridge.index);
}

// The host knows the MAC before the first packet; see netlink::SetNeighbour.
// It saves a resolution, no more: a full table fails no start.
void AddNeighbours(Socket& host, int bridge, const LiveEndpoint& endpoint) {
  for (const std::optional<IpPrefix>& prefix : {endpoint.v4, endpoint.v6}) {
    if (!prefix.has_value()) continue;
    host.Exchange(netlink::SetNeighbour(bridge, prefix->address, endpoint.mac))
        .IgnoreError();
  }
}

void AddPortOptions(int port, const LiveEndpoint& endpoint, bool hairpin,
                    std::vector<Message>& batch) {
  const bool isolated = !endpoint.options.inter_container;
  if (!isolated && !hairpin) return;
  batch.push_back(netlink::ChangeBridgePort(
      port, {.isolated = isolated, .hairpin = hairpin}));
}

// The MAC is set last, even to what it is: the kernel then announces the
// addresses, so that nobody goes on with what an earlier owner had.
void AddInnerSettings(int link, const LiveEndpoint& endpoint,
                      std::vector<Message>& batch) {
  std::vector<IpPrefix> prefixes = endpoint.link_local;
  if (endpoint.v4.has_value()) prefixes.push_back(*endpoint.v4);
  if (endpoint.v6.has_value()) prefixes.push_back(*endpoint.v6);
  for (const IpPrefix& prefix : prefixes) {
    batch.push_back(netlink::AddAddress(link, prefix));
  }
  batch.push_back(netlink::ChangeLink(link, {.mac = endpoint.mac}));
}

// The way to the gateway needs no resolution either.
void AddGateways(Socket& inside, int link, const LiveEndpoint& endpoint,
                 const Bridge& bridge) {
  for (const int family : {AF_INET, AF_INET6}) {
    const auto gateway = GatewayOf(endpoint.network, family);
    if (!gateway.has_value()) continue;
    inside.Exchange(netlink::SetNeighbour(link, gateway->address, bridge.mac))
        .IgnoreError();
  }
}

}  // namespace

absl::Status WireReady(Socket& host, ReadyNamespace& ready,
                       LiveEndpoint& endpoint, bool hairpin) {
  ASSIGN_OR_RETURN(const Bridge bridge, FindBridge(endpoint));
  endpoint.inner_index = ready.inner_index;
  endpoint.host_interface = ready.host_interface;
  if (!endpoint.fixed_mac) endpoint.mac = ready.mac;
  netlink::LinkChange outer = {.master = bridge.index};
  netlink::LinkChange inner;
  if (endpoint.options.mtu != kReadyMtu) {
    outer.mtu = inner.mtu = endpoint.options.mtu;
  }
  std::vector<Message> outside;
  outside.push_back(netlink::ChangeLink(ready.host_index, outer));
  AddPortOptions(ready.host_index, endpoint, hairpin, outside);
  RETURN_IF_ERROR(host.Exchange(absl::MakeSpan(outside)));
  AddNeighbours(host, bridge.index, endpoint);

  if (endpoint.v6.has_value()) {
    RETURN_IF_ERROR(RunInNamespace(ready.fd, [] {
      return SetInterfaceSysctls(kReadyInterface, /*ipv6=*/true);
    }));
  }
  std::vector<Message> inside;
  if (endpoint.interface != kReadyInterface) {
    // Older kernels rename only what is down.
    inside.push_back(netlink::ChangeLink(ready.inner_index, {.up = false}));
    inner.name = endpoint.interface;
    inside.push_back(netlink::ChangeLink(ready.inner_index, inner));
    inside.push_back(netlink::ChangeLink(ready.inner_index, {.up = true}));
  } else if (inner.mtu.has_value()) {
    inside.push_back(netlink::ChangeLink(ready.inner_index, inner));
  }
  AddInnerSettings(ready.inner_index, endpoint, inside);
  RETURN_IF_ERROR(ready.route.Exchange(absl::MakeSpan(inside)));
  AddGateways(ready.route, ready.inner_index, endpoint, bridge);
  if (inner.name.has_value()) {
    RETURN_IF_ERROR(netlink::AwaitRunning(ready.route, ready.inner_index));
  }
  return AwaitBridge(host, bridge, endpoint);
}

absl::Status WireNew(Socket& host, const UniqueFd& ns, Socket& inside,
                     LiveEndpoint& endpoint, bool hairpin) {
  ASSIGN_OR_RETURN(const Bridge bridge, FindBridge(endpoint));
  endpoint.host_interface = NewHostInterfaceName();
  if (!endpoint.fixed_mac) endpoint.mac = netlink::RandomMac();
  const std::string& name = endpoint.host_interface;
  std::vector<Message> outside;
  outside.push_back(netlink::CreateVeth({.name = name,
                                         .peer_name = endpoint.interface,
                                         .peer_mac = endpoint.mac,
                                         .mtu = endpoint.options.mtu,
                                         .peer_namespace_fd = ns.get()}));
  outside.push_back(netlink::ChangeLink(name, {.no_address_generation = true}));
  outside.push_back(
      netlink::ChangeLink(name, {.up = true, .master = bridge.index}));
  RETURN_IF_ERROR(host.Exchange(absl::MakeSpan(outside)));
  AddNeighbours(host, bridge.index, endpoint);
  if (!endpoint.options.inter_container || hairpin) {
    ASSIGN_OR_RETURN(const LinkInfo port, netlink::FindLink(host, name));
    std::vector<Message> options;
    AddPortOptions(port.index, endpoint, hairpin, options);
    RETURN_IF_ERROR(host.Exchange(absl::MakeSpan(options)));
  }
  RETURN_IF_ERROR(RunInNamespace(ns, [&] {
    return SetInterfaceSysctls(endpoint.interface, endpoint.v6.has_value());
  }));
  ASSIGN_OR_RETURN(const LinkInfo inner,
                   netlink::FindLink(inside, endpoint.interface));
  endpoint.inner_index = inner.index;
  std::vector<Message> settings;
  settings.push_back(netlink::ChangeLink(inner.index, {.up = true}));
  AddInnerSettings(inner.index, endpoint, settings);
  RETURN_IF_ERROR(inside.Exchange(absl::MakeSpan(settings)));
  AddGateways(inside, inner.index, endpoint, bridge);
  RETURN_IF_ERROR(netlink::AwaitRunning(inside, inner.index));
  return AwaitBridge(host, bridge, endpoint);
}

void ForgetNeighbours(const LiveEndpoint& endpoint) {
  if (!endpoint.is_bridge()) return;
  const auto bridge = FindBridge(endpoint);
  if (!bridge.ok()) return;  // Its neighbours went with it.
  auto host = Socket::Open(NETLINK_ROUTE);
  if (!host.ok()) return LogIfError(host.status(), "forget neighbours");
  for (const std::optional<IpPrefix>& prefix : {endpoint.v4, endpoint.v6}) {
    if (!prefix.has_value()) continue;
    // NOT_FOUND: the kernel has dropped it already.
    host->Exchange(netlink::DeleteNeighbour(bridge->index, prefix->address))
        .IgnoreError();
  }
}

absl::Status Unwire(Socket& host, const LiveEndpoint& endpoint) {
  const auto port = netlink::FindLink(host, endpoint.host_interface);
  if (absl::IsNotFound(port.status())) return absl::OkStatus();
  RETURN_IF_ERROR(port.status());
  return host.Exchange(netlink::DeleteLink(port->index));
}

absl::Status SetDefaultRoutes(Socket& inside,
                              const std::vector<LiveEndpoint>& endpoints) {
  for (const int family : {AF_INET, AF_INET6}) {
    const LiveEndpoint* const chosen = ChooseGateway(endpoints, family);
    if (chosen == nullptr) {
      const absl::Status gone =
          inside.Exchange(netlink::DeleteDefaultRoute(family));
      const int error = StatusErrno(gone);
      if (!gone.ok() && error != ESRCH && error != EAFNOSUPPORT) return gone;
      continue;
    }
    const auto gateway = GatewayOf(chosen->network, family);
    if (!gateway.has_value()) continue;
    int link = chosen->inner_index;
    if (link == 0) {
      ASSIGN_OR_RETURN(const LinkInfo found,
                       netlink::FindLink(inside, chosen->interface));
      link = found.index;
    }
    RETURN_IF_ERROR(
        inside.Exchange(netlink::SetDefaultRoute(gateway->address, link)));
  }
  return absl::OkStatus();
}

std::string NextInterfaceName(const LiveSandbox& live,
                              absl::string_view prefix) {
  for (size_t number = 0;; ++number) {
    std::string name = absl::StrCat(prefix, number);
    const bool taken =
        std::any_of(live.endpoints.begin(), live.endpoints.end(),
                    [&](const LiveEndpoint& e) { return e.interface == name; });
    if (!taken) return name;
  }
}

}  // namespace tug::netd
