// SPDX-License-Identifier: Apache-2.0
#include "services/netd/sandboxes/restore_sandboxes.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "lib/base/log.h"
#include "lib/base/status_macros.h"
#include "services/netd/drivers/bridge/bridge_driver.h"
#include "services/netd/networks/predefined.h"
#include "services/netd/ports/port_plan.h"
#include "services/netd/sandboxes/detach_sandbox.h"
#include "services/netd/sandboxes/endpoint_settings.h"
#include "services/netd/sandboxes/gateway_choice.h"
#include "services/netd/sandboxes/sandbox_names.h"

namespace tug::netd {
namespace {

using netlink::IpAddress;
using network::v1::Endpoint;
using network::v1::Sandbox;

absl::Status TakeBack(SandboxOwner& owner, LiveEndpoint& live, int family,
                      const std::string& text) {
  if (text.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const IpAddress address, IpAddress::Parse(text));
  auto& slot = family == AF_INET ? live.v4 : live.v6;
  ASSIGN_OR_RETURN(
      slot, owner.addresses.Allocate(live.network.id(), family, &address));
  return absl::OkStatus();
}

absl::Status RestoreEndpoint(SandboxOwner& owner, const Attachment& record,
                             const Endpoint& endpoint, LiveSandbox& sandbox) {
  LiveEndpoint live;
  ASSIGN_OR_RETURN(live.network, owner.networks.Find(endpoint.network_id()));
  live.network.clear_endpoints();
  live.gateway_priority = endpoint.gateway_priority();
  live.endpoint_id = endpoint.endpoint_id();
  live.fixed_mac = !endpoint.requested_mac().empty();
  live.fixed_address = true;  // To be on the safe side.
  if (live.is_bridge()) {
    ASSIGN_OR_RETURN(live.options, ParseBridgeOptions(live.network));
    live.dns_names.assign(endpoint.dns_names().begin(),
                          endpoint.dns_names().end());
    ASSIGN_OR_RETURN(live.mac, netlink::ParseMac(endpoint.mac_address()));
    live.interface = endpoint.interface();
    const auto host = record.host_interfaces().find(live.network.id());
    if (host != record.host_interfaces().end()) {
      live.host_interface = host->second;
    }
  }
  sandbox.endpoints.push_back(std::move(live));
  LiveEndpoint& mine = sandbox.endpoints.back();
  RETURN_IF_ERROR(TakeBack(owner, mine, AF_INET, endpoint.ip_address()));
  RETURN_IF_ERROR(
      TakeBack(owner, mine, AF_INET6, endpoint.global_ipv6_address()));
  PublishNames(owner, record.sandbox(), mine);
  return owner.networks.PutEndpoint(
      mine.network.id(), record.sandbox().lease(),
      DescribeForNetwork(mine, record.sandbox().name()));
}

// The very ports that were bound before.
absl::Status RestorePorts(SandboxOwner& owner, const Sandbox& record,
                          LiveSandbox& live) {
  if (record.ports_size() == 0) return absl::OkStatus();
  const PortTarget target = ChoosePortTarget(live.endpoints);
  if (!target.reachable()) return absl::OkStatus();
  Sandbox exact;
  *exact.mutable_requested_ports() = record.ports();
  ASSIGN_OR_RETURN(const std::vector<PortWish> wishes, PlanPorts(exact));
  ASSIGN_OR_RETURN(live.ports,
                   PublishedPorts::Open(owner.binder, owner.relay, wishes,
                                        IpAddress(), target));
  live.elements = live.ports.Elements();
  return absl::OkStatus();
}

absl::Status RestoreSandbox(SandboxOwner& owner, const Attachment& record,
                            std::set<Element>& elements) {
  const std::string& lease = record.sandbox().lease();
  ASSIGN_OR_RETURN(SandboxClaim claim, owner.catalog.Claim(lease));
  auto live = std::make_unique<LiveSandbox>();
  absl::Cleanup undo = [&] {
    live->elements.clear();  // Not in the firewall by our doing.
    TearDown(owner, lease, *live);
  };
  for (const Endpoint& endpoint : record.sandbox().endpoints()) {
    RETURN_IF_ERROR(RestoreEndpoint(owner, record, endpoint, *live));
  }
  // A port that somebody took meanwhile is lost; the container is not.
  LogIfError(RestorePorts(owner, record.sandbox(), *live),
             absl::StrCat("restore published ports of container ", lease));
  elements.insert(live->elements.begin(), live->elements.end());
  Describe(*live, claim.sandbox());
  claim.live() = std::move(live);
  claim.Publish();
  std::move(undo).Cancel();
  return absl::OkStatus();
}

}  // namespace

absl::Status RestoreSandboxes(SandboxOwner& owner) {
  RETURN_IF_ERROR(owner.catalog.Load());
  ASSIGN_OR_RETURN(const std::vector<Attachment> records,
                   owner.attachments.ReadAll());
  std::set<Element> elements;
  for (const Attachment& record : records) {
    LogIfError(RestoreSandbox(owner, record, elements),
               absl::StrCat("restore sandbox of container ",
                            record.sandbox().lease()));
  }
  for (const network::v1::Network& network : owner.networks.List()) {
    if (network.driver() != kBridgeDriver) continue;
    const auto options = ParseBridgeOptions(network);
    if (!options.ok()) continue;
    const auto of_network = NetworkElements(network, *options);
    elements.insert(of_network.begin(), of_network.end());
  }
  return owner.firewall.Reconcile(elements);
}

}  // namespace tug::netd
