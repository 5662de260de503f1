// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/operations/link_warnings.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/gatewayd/operations/sandbox_settings.h"

namespace tug::gatewayd {
namespace {

using network::v1::Endpoint;

bool IsDefaultBridge(const std::string& mode) {
  return mode.empty() || mode == "default" || mode == "bridge";
}

// Whether the container `reference` is, or will be, on the network.
bool IsOn(const Peers& peers, const std::string& reference,
          const std::string& network) {
  runtime::v1::GetContainerRequest find;
  find.set_reference(reference);
  const auto target = peers.containers.GetContainer(find);
  if (!target.ok()) return false;
  network::v1::GetSandboxRequest request;
  request.set_lease(target->id());
  const auto sandbox = peers.sandboxes.GetSandbox(request);
  if (!sandbox.ok()) return false;
  return std::any_of(sandbox->endpoints().begin(), sandbox->endpoints().end(),
                     [&](const Endpoint& endpoint) {
                       return endpoint.network_name() == network ||
                              endpoint.network_id() == network;
                     });
}

}  // namespace

std::vector<std::string> LinkWarnings(const Peers& peers,
                                      const runtime::v1::HostConfig& host,
                                      const std::vector<Endpoint>& endpoints) {
  std::vector<std::string> warnings;
  if (host.links().values_size() > 0 && IsDefaultBridge(host.network_mode())) {
    warnings.push_back(
        "Links on the default bridge network are deprecated and will be "
        "removed in a future release. Use a custom network instead.");
  }
  for (const Endpoint& endpoint : endpoints) {
    for (const std::string& text : endpoint.links().values()) {
      const LinkText link = ParseLink(text);
      if (IsOn(peers, link.container, endpoint.network_name())) continue;
      warnings.push_back(
          absl::StrCat("The link ", link.alias, " to ", link.container,
                       " has no effect: that container is not on the network ",
                       endpoint.network_name()));
    }
  }
  return warnings;
}

}  // namespace tug::gatewayd
