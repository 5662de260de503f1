// SPDX-License-Identifier: Apache-2.0
#include "services/netd/sandboxes/connect_network.h"

#include <linux/netlink.h>

#include <algorithm>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/netd/networks/predefined.h"
#include "services/netd/sandboxes/attach_sandbox.h"
#include "services/netd/sandboxes/detach_sandbox.h"
#include "services/netd/sandboxes/endpoint_settings.h"
#include "services/netd/sandboxes/endpoint_wiring.h"
#include "services/netd/sandboxes/name_files.h"
#include "services/netd/sandboxes/sandbox_names.h"

namespace tug::netd {
namespace {

using network::v1::ConnectNetworkRequest;
using network::v1::DisconnectNetworkRequest;
using network::v1::Endpoint;
using network::v1::Network;
using network::v1::Sandbox;

constexpr int kNoSettings = -1;

absl::Status Shared(absl::string_view message) {
  return WithReason(absl::FailedPreconditionError(message), "SANDBOX_SHARED");
}

absl::Status CheckConnectable(const Sandbox& sandbox, const Network& network) {
  if (sandbox.mode() == Sandbox::HOST) {
    return Shared(
        "container sharing network namespace with another container or host "
        "cannot be connected to any other network");
  }
  if (sandbox.mode() == Sandbox::NONE || network.driver() == kNullDriver) {
    return Shared(
        "container cannot be connected to multiple networks with one of the "
        "networks in private (none) mode");
  }
  if (network.driver() == kHostDriver) {
    return Shared(
        "cannot connect container to host network - container must be created "
        "in host network mode");
  }
  return absl::OkStatus();
}

// By id, or by name where the network was not there when the container was
// made.
int FindSettings(const Sandbox& sandbox, const std::string& id,
                 const std::string& name) {
  for (int i = 0; i < sandbox.endpoints_size(); ++i) {
    const Endpoint& endpoint = sandbox.endpoints(i);
    if (endpoint.network_id().empty() ? endpoint.network_name() == name
                                      : endpoint.network_id() == id) {
      return i;
    }
  }
  return kNoSettings;
}

// Of a network that is not there: by whatever the settings call it.
int FindGone(const Sandbox& sandbox, const std::string& reference) {
  for (int i = 0; i < sandbox.endpoints_size(); ++i) {
    const Endpoint& endpoint = sandbox.endpoints(i);
    if (endpoint.network_id() == reference ||
        endpoint.network_name() == reference) {
      return i;
    }
  }
  return kNoSettings;
}

// Brings everything that depends on the set of endpoints up to date.
absl::Status Refresh(SandboxOwner& owner, Sandbox& sandbox, LiveSandbox& live,
                     netlink::Socket& inside) {
  RETURN_IF_ERROR(SetDefaultRoutes(inside, live.endpoints));
  RETURN_IF_ERROR(AimPorts(owner, sandbox, live));
  constexpr auto kKeep = ContainerFiles::Edits::kKeep;
  RETURN_IF_ERROR(WriteHostsFile(owner, sandbox, live, kKeep));
  RETURN_IF_ERROR(WriteResolvConfFile(owner, sandbox, live, kKeep));
  if (!NeedsResolver(live)) {
    if (live.has_resolver) owner.dns.Unregister(sandbox.lease());
    live.has_resolver = false;
  } else if (live.has_resolver) {
    owner.dns.Update(sandbox.lease(), ViewOf(sandbox, live));
  } else {
    RETURN_IF_ERROR(StartResolverInside(owner, sandbox, live));
  }
  Describe(live, sandbox);
  return owner.attachments.Write(live, sandbox);
}

absl::StatusOr<netlink::Socket> OpenInside(const LiveSandbox& live) {
  netlink::Socket inside;
  RETURN_IF_ERROR(RunInNamespace(live.ns, [&]() -> absl::Status {
    ASSIGN_OR_RETURN(inside, netlink::Socket::Open(NETLINK_ROUTE));
    return absl::OkStatus();
  }));
  return inside;
}

// Takes one endpoint of a running container away again.
absl::Status RemoveLive(SandboxOwner& owner, Sandbox& sandbox,
                        LiveSandbox& live, const std::string& network_id) {
  LiveEndpoint* const found = FindEndpoint(live, network_id);
  if (found == nullptr) return absl::OkStatus();
  const LiveEndpoint leaving = std::move(*found);
  live.endpoints.erase(live.endpoints.begin() +
                       (found - live.endpoints.data()));
  absl::StatusOr<netlink::Socket> host = netlink::Socket::Open(NETLINK_ROUTE);
  absl::Status result = host.status();
  if (host.ok()) result = Unwire(*host, leaving);
  LeaveNetwork(owner, sandbox.lease(), leaving);
  if (!live.ns.valid()) return result;  // Not adopted yet.
  absl::StatusOr<netlink::Socket> inside = OpenInside(live);
  if (result.ok()) result = inside.status();
  if (inside.ok()) {
    const absl::Status refreshed = Refresh(owner, sandbox, live, *inside);
    if (result.ok()) result = refreshed;
  }
  return result;
}

absl::Status ConnectLive(SandboxOwner& owner, Sandbox& sandbox,
                         LiveSandbox& live, const Endpoint& endpoint,
                         const Network& network) {
  if (!live.ns.valid()) {
    return WithReason(
        absl::UnavailableError("the container has not been adopted yet"),
        "SANDBOX_NOT_ADOPTED");
  }
  ASSIGN_OR_RETURN(LiveEndpoint joined,
                   JoinNetwork(owner, sandbox, endpoint, network));
  if (joined.interface.empty()) {
    joined.interface = NextInterfaceName(live, joined.options.interface_prefix);
  }
  live.endpoints.push_back(std::move(joined));
  absl::Cleanup undo = [&] {
    LogIfError(RemoveLive(owner, sandbox, live, network.id()),
               "undo of connect");
  };
  ASSIGN_OR_RETURN(netlink::Socket host, netlink::Socket::Open(NETLINK_ROUTE));
  ASSIGN_OR_RETURN(netlink::Socket inside, OpenInside(live));
  LiveEndpoint& mine = live.endpoints.back();
  RETURN_IF_ERROR(WireNew(host, live.ns, inside, mine, owner.hairpin));
  RETURN_IF_ERROR(Refresh(owner, sandbox, live, inside));
  PublishNames(owner, sandbox, mine);
  RETURN_IF_ERROR(owner.networks.PutEndpoint(
      network.id(), sandbox.lease(), DescribeForNetwork(mine, sandbox.name())));
  std::move(undo).Cancel();
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Sandbox> ConnectNetwork(SandboxOwner& owner,
                                       const ConnectNetworkRequest& request) {
  ASSIGN_OR_RETURN(SandboxClaim claim, owner.catalog.Claim(request.lease()));
  Sandbox& sandbox = claim.sandbox();
  Endpoint endpoint = request.endpoint();
  endpoint.set_network_name(request.network());
  endpoint.clear_network_id();
  ASSIGN_OR_RETURN(const Network network,
                   ResolveEndpoint(owner.networks, endpoint));
  RETURN_IF_ERROR(CheckConnectable(sandbox, network));
  if (FindSettings(sandbox, network.id(), network.name()) != kNoSettings) {
    return WithReason(absl::AlreadyExistsError(absl::StrCat(
                          "endpoint with name ", sandbox.name(),
                          " already exists in network ", network.name())),
                      "ENDPOINT_EXISTS");
  }
  if (sandbox.endpoints_size() >= kMaxEndpoints) {
    return WithReason(absl::InvalidArgumentError(absl::StrCat(
                          "more than ", kMaxEndpoints, " networks")),
                      "ENDPOINT_INVALID");
  }
  const auto names = DnsNames(network, sandbox, endpoint);
  endpoint.mutable_dns_names()->Assign(names.begin(), names.end());
  *sandbox.add_endpoints() = endpoint;
  LiveSandbox* const live = claim.live().get();
  if (live != nullptr) {
    RETURN_IF_ERROR(ConnectLive(owner, sandbox, *live, endpoint, network));
  }
  RETURN_IF_ERROR(claim.Save());
  claim.Publish();
  if (live != nullptr) {
    PublishEndpointEvent(owner, "connect", request.lease(), network);
  }
  return sandbox;
}

absl::StatusOr<Sandbox> DisconnectNetwork(
    SandboxOwner& owner, const DisconnectNetworkRequest& request) {
  ASSIGN_OR_RETURN(SandboxClaim claim, owner.catalog.Claim(request.lease()));
  Sandbox& sandbox = claim.sandbox();
  // A network that is gone can still be left by the name in the settings.
  const auto network = owner.networks.Find(request.network());
  const int found = network.ok()
                        ? FindSettings(sandbox, network->id(), network->name())
                        : FindGone(sandbox, request.network());
  if (found == kNoSettings) {
    if (!network.ok()) return network.status();
    return WithReason(absl::NotFoundError(absl::StrCat(
                          "container ", request.lease(),
                          " is not connected to network ", network->name())),
                      "ENDPOINT_UNKNOWN");
  }
  if (sandbox.mode() == Sandbox::HOST) {
    return Shared(
        "container cannot be disconnected from host network - container must "
        "be created in host network mode");
  }
  const std::string network_id = sandbox.endpoints(found).network_id();
  auto& endpoints = *sandbox.mutable_endpoints();
  endpoints.erase(endpoints.begin() + found);
  LiveSandbox* const live = claim.live().get();
  absl::Status removed;
  if (live != nullptr) {
    removed = RemoveLive(owner, sandbox, *live, network_id);
  }
  RETURN_IF_ERROR(claim.Save());
  claim.Publish();
  if (live != nullptr && network.ok()) {
    PublishEndpointEvent(owner, "disconnect", request.lease(), *network);
  }
  if (!removed.ok() && !request.force()) return removed;
  return sandbox;
}

}  // namespace tug::netd
