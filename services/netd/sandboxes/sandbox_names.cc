// SPDX-License-Identifier: Apache-2.0
#include "services/netd/sandboxes/sandbox_names.h"

#include <fcntl.h>
#include <linux/netlink.h>

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/netd/firewall/container_dns_rules.h"
#include "services/netd/networks/predefined.h"
#include "services/netd/sandboxes/name_files.h"

namespace tug::netd {
namespace {

using network::v1::Sandbox;

bool AsksForNdots(const Sandbox& sandbox) {
  for (absl::string_view option : sandbox.dns().options().values()) {
    int ndots = 0;
    if (absl::ConsumePrefix(&option, "ndots:") &&
        absl::SimpleAtoi(option, &ndots) && ndots > 0) {
      return true;
    }
  }
  return false;
}

}  // namespace

void PublishNames(SandboxOwner& owner, const Sandbox& sandbox,
                  const LiveEndpoint& endpoint) {
  if (!IsUserDefined(endpoint.network)) return;
  NameDirectory::Addresses addresses;
  if (endpoint.v4.has_value()) addresses.v4 = endpoint.v4->address;
  if (endpoint.v6.has_value()) addresses.v6 = endpoint.v6->address;
  owner.dns.PutNames(endpoint.network.id(), sandbox.lease(), endpoint.dns_names,
                     addresses);
}

DnsView ViewOf(const Sandbox& sandbox, const LiveSandbox& live) {
  DnsView view;
  view.forward = false;
  for (const LiveEndpoint& endpoint : live.endpoints) {
    if (!endpoint.is_bridge()) continue;
    if (!endpoint.network.internal()) view.forward = true;
    if (IsUserDefined(endpoint.network)) {
      view.networks.push_back({endpoint.network.id(), endpoint.network.name()});
    }
  }
  for (const auto& endpoint : sandbox.endpoints()) {
    for (const std::string& link : endpoint.links().values()) {
      const std::pair<std::string, std::string> parts =
          absl::StrSplit(link, absl::MaxSplits(':', 1));
      if (!parts.second.empty()) view.links[parts.second] = parts.first;
    }
  }
  const ResolvOverrides overrides = OverridesOf(sandbox);
  view.upstreams = Upstreams(ReadHostResolvConf(), overrides);
  view.ask_from_inside = overrides.servers.has_value();
  // Servers that the user named are asked from inside, where an internal
  // network leads to its own containers and nowhere else.
  if (view.ask_from_inside) view.forward = true;
  view.ndots_set = AsksForNdots(sandbox);
  return view;
}

absl::Status StartResolver(SandboxOwner& owner, const Sandbox& sandbox,
                           LiveSandbox& live, ResolverSockets sockets,
                           int firewall_fd, bool replace) {
  RETURN_IF_ERROR(RedirectContainerDns(firewall_fd, sockets.udp_port,
                                       sockets.tcp_port, replace));
  UniqueFd ns(fcntl(live.ns.get(), F_DUPFD_CLOEXEC, 0));
  if (!ns) return ErrnoStatus(errno, "keep the namespace for the resolver");
  owner.dns.Register(
      sandbox.lease(), ViewOf(sandbox, live),
      {std::move(sockets.udp), std::move(sockets.tcp), std::move(ns)});
  live.has_resolver = true;
  return absl::OkStatus();
}

absl::Status StartResolverInside(SandboxOwner& owner, const Sandbox& sandbox,
                                 LiveSandbox& live) {
  ResolverSockets sockets;
  netlink::Socket firewall;
  RETURN_IF_ERROR(RunInNamespace(live.ns, [&]() -> absl::Status {
    ASSIGN_OR_RETURN(sockets, OpenResolverSockets());
    ASSIGN_OR_RETURN(firewall, netlink::Socket::Open(NETLINK_NETFILTER));
    return absl::OkStatus();
  }));
  return StartResolver(owner, sandbox, live, std::move(sockets), firewall.fd(),
                       /*replace=*/true);
}

void PublishEndpointEvent(SandboxOwner& owner, absl::string_view action,
                          absl::string_view lease,
                          const network::v1::Network& network) {
  event::v1::Event event;
  event.set_type("network");
  event.set_action(std::string(action));
  event.set_actor_id(network.id());
  auto& attributes = *event.mutable_attributes();
  attributes["container"] = std::string(lease);
  attributes["name"] = network.name();
  attributes["type"] = network.driver();
  owner.events.Publish(std::move(event));
}

}  // namespace tug::netd
