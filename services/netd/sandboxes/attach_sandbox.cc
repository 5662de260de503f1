// SPDX-License-Identifier: Apache-2.0
#include "services/netd/sandboxes/attach_sandbox.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "lib/base/id.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/netd/networks/ipam_settings.h"
#include "services/netd/networks/predefined.h"
#include "services/netd/ports/port_plan.h"
#include "services/netd/ports/udp_flows.h"
#include "services/netd/sandboxes/detach_sandbox.h"
#include "services/netd/sandboxes/endpoint_settings.h"
#include "services/netd/sandboxes/endpoint_wiring.h"
#include "services/netd/sandboxes/gateway_choice.h"
#include "services/netd/sandboxes/name_files.h"
#include "services/netd/sandboxes/sandbox_names.h"

namespace tug::netd {
namespace {

using netlink::IpAddress;
using netlink::IpPrefix;
using network::v1::Endpoint;
using network::v1::Network;
using network::v1::Sandbox;

// 169.254.0.0/16 and fe80::/64 (RFC 3927, 4291).
constexpr int kLinkLocalV4 = 16;
constexpr int kLinkLocalV6 = 64;
// By then the container is being started, and nobody waits for us.
constexpr absl::Duration kSettle = absl::Milliseconds(100);

absl::StatusOr<std::optional<IpPrefix>> TakeAddress(SandboxOwner& owner,
                                                    const Network& network,
                                                    int family,
                                                    const std::string& wanted) {
  const bool enabled =
      family == AF_INET ? network.enable_ipv4() : network.enable_ipv6();
  if (!enabled) return std::nullopt;
  std::optional<IpAddress> address;
  if (!wanted.empty()) {
    ASSIGN_OR_RETURN(address, IpAddress::Parse(wanted));
  }
  return owner.addresses.Allocate(network.id(), family,
                                  address.has_value() ? &*address : nullptr);
}

absl::Status ReadFixedSettings(const Endpoint& endpoint, LiveEndpoint& live) {
  if (!endpoint.requested_mac().empty()) {
    ASSIGN_OR_RETURN(live.mac, netlink::ParseMac(endpoint.requested_mac()));
    live.fixed_mac = true;
  }
  live.fixed_address = !endpoint.requested_ipv4().empty() ||
                       !endpoint.requested_ipv6().empty() ||
                       endpoint.link_local_ips().values_size() > 0;
  for (const std::string& text : endpoint.link_local_ips().values()) {
    ASSIGN_OR_RETURN(const IpAddress address, IpAddress::Parse(text));
    live.link_local.push_back(
        {address, address.is_v4() ? kLinkLocalV4 : kLinkLocalV6});
  }
  ASSIGN_OR_RETURN(live.sysctls, EndpointSysctls(endpoint));
  live.interface = EndpointInterfaceName(endpoint);
  return absl::OkStatus();
}

std::map<std::string, std::string> SysctlsOf(const LiveSandbox& live) {
  std::map<std::string, std::string> sysctls;
  for (const LiveEndpoint& endpoint : live.endpoints) {
    for (const auto& [key, value] : endpoint.sysctls) {
      sysctls[absl::StrReplaceAll(key, {{"IFNAME", endpoint.interface}})] =
          value;
    }
  }
  return sysctls;
}

absl::StatusOr<AttachedSandbox> Answer(const Sandbox& sandbox,
                                       const LiveSandbox& live) {
  AttachedSandbox attached;
  attached.sandbox = sandbox;
  attached.sysctls = SysctlsOf(live);
  if (live.ns.valid()) {
    attached.ns.reset(fcntl(live.ns.get(), F_DUPFD_CLOEXEC, 0));
    if (!attached.ns) return ErrnoStatus(errno, "pass on the namespace");
  }
  return attached;
}

// The steps of an attach, over what they build.
class Attaching {
 public:
  Attaching(SandboxOwner& owner, Sandbox& sandbox, LiveSandbox& live)
      : owner_(owner), sandbox_(sandbox), live_(live) {}

  ~Attaching() {
    // Some of what is left takes its time to close.
    owner_.worker.AddLater(
        kSettle,
        [rest = std::make_shared<ReadyNamespace>(std::move(ready_))] {});
  }
  Attaching(const Attaching&) = delete;
  Attaching& operator=(const Attaching&) = delete;

  absl::Status Run() {
    RETURN_IF_ERROR(JoinNetworks());
    if (sandbox_.mode() != Sandbox::HOST) {
      RETURN_IF_ERROR(TakeNamespace());
      RETURN_IF_ERROR(WireAll());
      RETURN_IF_ERROR(AimPorts(owner_, sandbox_, live_));
    }
    constexpr auto kAnew = ContainerFiles::Edits::kDiscard;
    RETURN_IF_ERROR(WriteHostsFile(owner_, sandbox_, live_, kAnew));
    RETURN_IF_ERROR(WriteResolvConfFile(owner_, sandbox_, live_, kAnew));
    if (NeedsResolver(live_)) {
      RETURN_IF_ERROR(StartResolver(owner_, sandbox_, live_,
                                    std::move(ready_.resolver),
                                    ready_.firewall.fd(), /*replace=*/false));
    }
    return ShowEndpoints();
  }

 private:
  absl::Status JoinNetworks() {
    for (Endpoint& endpoint : *sandbox_.mutable_endpoints()) {
      ASSIGN_OR_RETURN(const Network network,
                       ResolveEndpoint(owner_.networks, endpoint));
      RETURN_IF_ERROR(CheckMode(sandbox_, network));
      auto joined = JoinNetwork(owner_, sandbox_, endpoint, network);
      RETURN_IF_ERROR(joined.status());
      live_.endpoints.push_back(*std::move(joined));
    }
    return absl::OkStatus();
  }

  absl::Status TakeNamespace() {
    const bool with_interface =
        std::any_of(live_.endpoints.begin(), live_.endpoints.end(),
                    [](const LiveEndpoint& e) { return e.is_bridge(); });
    ASSIGN_OR_RETURN(ready_, owner_.namespaces.Take(with_interface));
    live_.ns = std::move(ready_.fd);
    return absl::OkStatus();
  }

  absl::Status WireAll() {
    bool first = true;
    for (LiveEndpoint& endpoint : live_.endpoints) {
      if (!endpoint.is_bridge()) continue;
      if (!host_.valid()) {
        ASSIGN_OR_RETURN(host_, netlink::Socket::Open(NETLINK_ROUTE));
      }
      if (endpoint.interface.empty()) {
        endpoint.interface =
            NextInterfaceName(live_, endpoint.options.interface_prefix);
      }
      const absl::Status wired = Wire(endpoint, first);
      RETURN_IF_ERROR(Annotate(
          wired, absl::StrCat("join network ", endpoint.network.name())));
      first = false;
    }
    return first ? absl::OkStatus()
                 : SetDefaultRoutes(ready_.route, live_.endpoints);
  }

  absl::Status Wire(LiveEndpoint& endpoint, bool first) {
    if (!first) {
      return WireNew(host_, live_.ns, ready_.route, endpoint, owner_.hairpin);
    }
    // The wiring works by descriptor, which the live sandbox owns by now.
    ready_.fd.reset(fcntl(live_.ns.get(), F_DUPFD_CLOEXEC, 0));
    const absl::Status wired =
        WireReady(host_, ready_, endpoint, owner_.hairpin);
    ready_.fd.reset();
    return wired;
  }

  absl::Status ShowEndpoints() {
    for (const LiveEndpoint& endpoint : live_.endpoints) {
      PublishNames(owner_, sandbox_, endpoint);
      RETURN_IF_ERROR(owner_.networks.PutEndpoint(
          endpoint.network.id(), sandbox_.lease(),
          DescribeForNetwork(endpoint, sandbox_.name())));
    }
    return absl::OkStatus();
  }

  SandboxOwner& owner_;
  Sandbox& sandbox_;
  LiveSandbox& live_;
  ReadyNamespace ready_;
  netlink::Socket host_;
};

}  // namespace

absl::StatusOr<LiveEndpoint> JoinNetwork(SandboxOwner& owner,
                                         const Sandbox& sandbox,
                                         const Endpoint& endpoint,
                                         const Network& network) {
  LiveEndpoint live;
  live.network = network;
  live.network.clear_endpoints();
  live.gateway_priority = endpoint.gateway_priority();
  live.endpoint_id = NewId();
  RETURN_IF_ERROR(ReadFixedSettings(endpoint, live));
  if (live.is_bridge()) {
    ASSIGN_OR_RETURN(live.options, ParseBridgeOptions(network));
    live.dns_names = DnsNames(network, sandbox, endpoint);
  }
  // Shown first: from here on nobody can remove the network.
  RETURN_IF_ERROR(owner.networks.PutEndpoint(
      network.id(), sandbox.lease(), DescribeForNetwork(live, sandbox.name())));
  absl::Cleanup undo = [&] { LeaveNetwork(owner, sandbox.lease(), live); };
  if (live.is_bridge()) {
    ASSIGN_OR_RETURN(live.v4, TakeAddress(owner, network, AF_INET,
                                          endpoint.requested_ipv4()));
    ASSIGN_OR_RETURN(live.v6, TakeAddress(owner, network, AF_INET6,
                                          endpoint.requested_ipv6()));
  }
  std::move(undo).Cancel();
  return live;
}

absl::Status AimPorts(SandboxOwner& owner, const Sandbox& sandbox,
                      LiveSandbox& live) {
  const PortTarget target = ChoosePortTarget(live.endpoints);
  if (!target.reachable()) {
    ClosePorts(owner, live);
    return absl::OkStatus();
  }
  if (live.ports.empty()) {
    ASSIGN_OR_RETURN(const std::vector<PortWish> wishes, PlanPorts(sandbox));
    if (wishes.empty()) return absl::OkStatus();
    const LiveEndpoint* gateway = ChooseGateway(live.endpoints, AF_INET);
    const IpAddress any_host =
        gateway == nullptr ? IpAddress() : gateway->options.host_binding;
    ASSIGN_OR_RETURN(live.ports,
                     PublishedPorts::Open(owner.binder, owner.relay, wishes,
                                          any_host, target));
  } else {
    live.ports.Retarget(target);
  }
  std::vector<Element> elements = live.ports.Elements();
  if (elements == live.elements) return absl::OkStatus();
  RETURN_IF_ERROR(owner.firewall.Change(live.elements, elements));
  live.elements = std::move(elements);
  ForgetUdpFlows(owner.worker, live.ports.UdpHostPorts());
  return absl::OkStatus();
}

void RefreshLinked(SandboxOwner& owner, absl::string_view lease) {
  for (const std::string& other : owner.catalog.LinkedTo(lease)) {
    auto claim = owner.catalog.Claim(other);
    if (!claim.ok() || claim->live() == nullptr) continue;
    LogIfError(WriteHostsFile(owner, claim->sandbox(), *claim->live(),
                              ContainerFiles::Edits::kKeep),
               "refresh hosts file of a linked container");
  }
}

absl::StatusOr<AttachedSandbox> AttachSandbox(SandboxOwner& owner,
                                              absl::string_view lease) {
  absl::StatusOr<AttachedSandbox> answer;
  {
    ASSIGN_OR_RETURN(SandboxClaim claim, owner.catalog.Claim(lease));
    if (claim.live() != nullptr && claim.sandbox().attached()) {
      return Answer(claim.sandbox(), *claim.live());
    }
    if (claim.live() != nullptr) {
      // Left by an earlier run of netd, and its container has ended since.
      const std::unique_ptr<LiveSandbox> stale = std::move(claim.live());
      TearDown(owner, lease, *stale);
      ClearDescription(claim.sandbox());
      claim.Publish();
    }
    auto live = std::make_unique<LiveSandbox>();
    absl::Cleanup undo = [&] { TearDown(owner, lease, *live); };
    RETURN_IF_ERROR(Attaching(owner, claim.sandbox(), *live).Run());
    Describe(*live, claim.sandbox());
    answer = Answer(claim.sandbox(), *live);
    RETURN_IF_ERROR(answer.status());
    RETURN_IF_ERROR(owner.attachments.Write(*live, claim.sandbox()));
    std::move(undo).Cancel();
    for (const LiveEndpoint& endpoint : live->endpoints) {
      PublishEndpointEvent(owner, "connect", lease, endpoint.network);
    }
    claim.live() = std::move(live);
    claim.Publish();
  }
  RefreshLinked(owner, lease);
  return answer;
}

}  // namespace tug::netd
