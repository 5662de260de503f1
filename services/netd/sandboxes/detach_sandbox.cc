// SPDX-License-Identifier: Apache-2.0
#include "services/netd/sandboxes/detach_sandbox.h"

#include <linux/netlink.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/log.h"
#include "lib/base/status_macros.h"
#include "services/netd/ports/udp_flows.h"
#include "services/netd/sandboxes/endpoint_wiring.h"
#include "services/netd/sandboxes/sandbox_names.h"

namespace tug::netd {
namespace {

// So long somebody may go on holding the namespace of a container that has
// ended before its interfaces are deleted by force, which takes 20 ms each.
constexpr absl::Duration kLinger = absl::Seconds(1);

void DeleteInterface(const std::string& name) {
  auto host = netlink::Socket::Open(NETLINK_ROUTE);
  if (!host.ok()) return LogIfError(host.status(), "delete interface");
  const auto link = netlink::FindLink(*host, name);
  if (!link.ok()) return;  // Went with its namespace.
  const absl::Status deleted = host->Exchange(netlink::DeleteLink(link->index));
  if (netlink::FindLink(*host, name).ok()) {
    LogIfError(deleted, absl::StrCat("delete interface ", name));
  }
}

}  // namespace

void ClosePorts(SandboxOwner& owner, LiveSandbox& live) {
  if (!live.elements.empty()) {
    LogIfError(owner.firewall.Change(live.elements, {}),
               "close published ports");
    live.elements.clear();
    // Else they go on to the address, which may be another container's next.
    ForgetUdpFlows(owner.worker, live.ports.UdpHostPorts());
  }
  live.ports.Close();
}

void LeaveNetwork(SandboxOwner& owner, absl::string_view lease,
                  const LiveEndpoint& endpoint) {
  const std::string& id = endpoint.network.id();
  owner.dns.RemoveNames(id, lease);
  ForgetNeighbours(endpoint);
  for (const auto& prefix : {endpoint.v4, endpoint.v6}) {
    if (prefix.has_value()) owner.addresses.Release(id, prefix->address);
  }
  owner.networks.RemoveEndpoint(id, lease);
}

void TearDown(SandboxOwner& owner, absl::string_view lease, LiveSandbox& live) {
  ClosePorts(owner, live);
  if (live.has_resolver) owner.dns.Unregister(lease);
  for (const LiveEndpoint& endpoint : live.endpoints) {
    LeaveNetwork(owner, lease, endpoint);
    if (!endpoint.host_interface.empty()) {
      owner.worker.AddLater(
          kLinger, [name = endpoint.host_interface] { DeleteInterface(name); });
    }
  }
  owner.attachments.Remove(lease);
  // The last descriptor of a namespace sets off its destruction. Until then
  // its interfaces answer for their addresses, so that those which the next
  // attach will ask for again must not wait.
  const bool hurry =
      std::any_of(live.endpoints.begin(), live.endpoints.end(),
                  [](const LiveEndpoint& endpoint) {
                    return endpoint.fixed_mac || endpoint.fixed_address;
                  });
  if (live.ns.valid() && !hurry) owner.retirement.Add(std::move(live.ns));
  live.ns.reset();
}

absl::Status DetachSandbox(SandboxOwner& owner, absl::string_view lease) {
  auto claim = owner.catalog.Claim(lease);
  if (absl::IsNotFound(claim.status())) return absl::OkStatus();
  RETURN_IF_ERROR(claim.status());
  const std::unique_ptr<LiveSandbox> live = std::move(claim->live());
  if (live == nullptr) return absl::OkStatus();
  TearDown(owner, lease, *live);
  ClearDescription(claim->sandbox());
  claim->Publish();
  for (const LiveEndpoint& endpoint : live->endpoints) {
    PublishEndpointEvent(owner, "disconnect", lease, endpoint.network);
  }
  return absl::OkStatus();
}

absl::Status ReleaseSandbox(SandboxOwner& owner, absl::string_view lease) {
  RETURN_IF_ERROR(DetachSandbox(owner, lease));
  auto claim = owner.catalog.Claim(lease);
  if (absl::IsNotFound(claim.status())) return absl::OkStatus();
  RETURN_IF_ERROR(claim.status());
  if (claim->live() != nullptr) {
    const std::unique_ptr<LiveSandbox> live = std::move(claim->live());
    TearDown(owner, lease, *live);
  }
  RETURN_IF_ERROR(claim->Erase());
  return owner.files.RemoveFolder(lease);
}

}  // namespace tug::netd
