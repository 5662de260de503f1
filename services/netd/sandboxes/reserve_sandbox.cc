// SPDX-License-Identifier: Apache-2.0
#include "services/netd/sandboxes/reserve_sandbox.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/id.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/netd/networks/predefined.h"
#include "services/netd/ports/port_plan.h"
#include "services/netd/sandboxes/endpoint_settings.h"
#include "services/netd/sandboxes/name_files.h"
#include "services/netd/sandboxes/sandbox_names.h"

namespace tug::netd {
namespace {

using network::v1::Endpoint;
using network::v1::Network;
using network::v1::ReserveSandboxRequest;
using network::v1::Sandbox;

absl::Status Invalid(absl::string_view why) {
  return WithReason(absl::InvalidArgumentError(why), "ENDPOINT_INVALID");
}

Sandbox ReadRequest(const ReserveSandboxRequest& request) {
  Sandbox sandbox;
  sandbox.set_lease(request.lease());
  sandbox.set_name(request.name());
  sandbox.set_hostname(request.hostname());
  sandbox.set_domainname(request.domainname());
  sandbox.set_mode(request.mode() == Sandbox::MODE_UNSPECIFIED
                       ? Sandbox::NETWORKED
                       : request.mode());
  *sandbox.mutable_endpoints() = request.endpoints();
  *sandbox.mutable_requested_ports() = request.ports();
  *sandbox.mutable_exposed_ports() = request.exposed_ports();
  sandbox.set_publish_all(request.publish_all());
  if (request.has_dns()) *sandbox.mutable_dns() = request.dns();
  *sandbox.mutable_extra_hosts() = request.extra_hosts();
  *sandbox.mutable_links() = request.links();
  ClearDescription(sandbox);
  return sandbox;
}

// The network that each mode is on if the request names none.
const char* NetworkOfMode(Sandbox::Mode mode) {
  if (mode == Sandbox::HOST) return kHostNetwork;
  return mode == Sandbox::NONE ? kNoneNetwork : nullptr;
}

absl::Status ResolveEndpoints(const SandboxOwner& owner, Sandbox& sandbox) {
  const char* const implied = NetworkOfMode(sandbox.mode());
  if (sandbox.endpoints_size() == 0 && implied != nullptr) {
    sandbox.add_endpoints()->set_network_name(implied);
  }
  if (sandbox.endpoints_size() > kMaxEndpoints) {
    return Invalid(absl::StrCat("more than ", kMaxEndpoints, " networks"));
  }
  std::set<std::string> seen;
  for (Endpoint& endpoint : *sandbox.mutable_endpoints()) {
    const absl::StatusOr<Network> found =
        ResolveEndpoint(owner.networks, endpoint);
    // It may be made before the container starts; that is where it fails.
    if (StatusReason(found.status()) == "NETWORK_UNKNOWN") continue;
    RETURN_IF_ERROR(found.status());
    const Network& network = *found;
    RETURN_IF_ERROR(CheckMode(sandbox, network));
    if (!seen.insert(network.id()).second) {
      return Invalid(absl::StrCat("network ", network.name(), " twice"));
    }
    const auto names = DnsNames(network, sandbox, endpoint);
    endpoint.mutable_dns_names()->Assign(names.begin(), names.end());
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Sandbox> ReserveSandbox(SandboxOwner& owner,
                                       const ReserveSandboxRequest& request) {
  if (!IsId(request.lease())) {
    return Invalid(
        absl::StrCat("lease '", request.lease(), "' is not 64 hex digits"));
  }
  Sandbox sandbox = ReadRequest(request);
  RETURN_IF_ERROR(ResolveEndpoints(owner, sandbox));
  RETURN_IF_ERROR(CheckExtraHosts(sandbox));
  RETURN_IF_ERROR(PlanPorts(sandbox).status());
  sandbox.set_hosts_path(owner.files.HostsPath(request.lease()));
  sandbox.set_resolv_conf_path(owner.files.ResolvConfPath(request.lease()));
  ASSIGN_OR_RETURN(SandboxClaim claim,
                   owner.catalog.ClaimOrMake(request.lease()));
  if (claim.live() != nullptr) {
    return WithReason(
        absl::FailedPreconditionError(absl::StrCat(
            "the sandbox of container ", request.lease(), " is attached")),
        "SANDBOX_ATTACHED");
  }
  claim.sandbox() = std::move(sandbox);
  RETURN_IF_ERROR(owner.files.MakeFolder(request.lease()));
  RETURN_IF_ERROR(claim.Save());
  claim.Publish();
  return claim.sandbox();
}

absl::Status RenameSandbox(SandboxOwner& owner, absl::string_view lease,
                           absl::string_view name) {
  ASSIGN_OR_RETURN(SandboxClaim claim, owner.catalog.Claim(lease));
  Sandbox& sandbox = claim.sandbox();
  sandbox.set_name(std::string(name));
  LiveSandbox* const live = claim.live().get();
  for (Endpoint& endpoint : *sandbox.mutable_endpoints()) {
    const auto network = owner.networks.Find(endpoint.network_id());
    if (!network.ok()) continue;
    const auto names = DnsNames(*network, sandbox, endpoint);
    endpoint.mutable_dns_names()->Assign(names.begin(), names.end());
    LiveEndpoint* const one =
        live == nullptr ? nullptr : FindEndpoint(*live, endpoint.network_id());
    if (one == nullptr) continue;
    one->dns_names = names;
    PublishNames(owner, sandbox, *one);
    LogIfError(owner.networks.PutEndpoint(one->network.id(), lease,
                                          DescribeForNetwork(*one, name)),
               "rename endpoint");
  }
  RETURN_IF_ERROR(claim.Save());
  if (live != nullptr) {
    LogIfError(owner.attachments.Write(*live, sandbox), "rename sandbox");
  }
  claim.Publish();
  return absl::OkStatus();
}

}  // namespace tug::netd
