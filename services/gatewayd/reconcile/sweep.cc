// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/reconcile/sweep.h"

#include <map>
#include <utility>

#include "lib/base/status_macros.h"
#include "services/gatewayd/peers/list_pages.h"
#include "services/gatewayd/reconcile/reconcile_container.h"

namespace tug::gatewayd {
namespace {

using runtime::v1::Container;

// Whether each lease's sandbox is attached.
using AttachedSandboxes = std::map<std::string, bool>;

absl::StatusOr<AttachedSandboxes> ReadSandboxes(SandboxClient& client) {
  AttachedSandboxes sandboxes;
  const auto take = [&](network::v1::ListSandboxesResponse& page) {
    for (const network::v1::Sandbox& sandbox : page.sandboxes()) {
      sandboxes[sandbox.lease()] = sandbox.attached();
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(ReadPages(client, &SandboxClient::ListSandboxes,
                            network::v1::ListSandboxesRequest(), take));
  return sandboxes;
}

// Leases of every service.
absl::StatusOr<std::set<std::string>> ReadLeases(
    const Peers& peers, const AttachedSandboxes& sandboxes) {
  std::set<std::string> leases;
  const auto take = [&](auto& page) {
    leases.insert(page.leases().begin(), page.leases().end());
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(ReadPages(peers.snapshots, &SnapshotClient::ListLeases,
                            image::v1::ListLeasesRequest(), take));
  RETURN_IF_ERROR(ReadPages(peers.volumes, &VolumeClient::ListLeases,
                            volume::v1::ListLeasesRequest(), take));
  for (const auto& [lease, attached] : sandboxes) leases.insert(lease);
  return leases;
}

bool IsUnsettled(const Container& container, bool has_sandbox, bool attached) {
  switch (container.state()) {
    case runtime::v1::CONTAINER_STATE_RUNNING:
    case runtime::v1::CONTAINER_STATE_PAUSED:
      return has_sandbox && !attached &&
             container.host_config().network_mode() != "host";
    case runtime::v1::CONTAINER_STATE_CREATED:
      return attached;
    case runtime::v1::CONTAINER_STATE_EXITED:
      return attached || WantsStart(container) ||
             container.host_config().auto_remove();
    case runtime::v1::CONTAINER_STATE_CREATING:
    case runtime::v1::CONTAINER_STATE_REMOVING:
      return true;
    default:
      return false;
  }
}

}  // namespace

absl::StatusOr<std::set<std::string>> FindUnsettled(const Peers& peers,
                                                    bool all) {
  // Leases before containers: one that is made meanwhile is not an orphan.
  ASSIGN_OR_RETURN(const AttachedSandboxes sandboxes,
                   ReadSandboxes(peers.sandboxes));
  ASSIGN_OR_RETURN(std::set<std::string> orphans, ReadLeases(peers, sandboxes));
  std::set<std::string> unsettled;
  runtime::v1::ListContainersRequest request;
  request.set_view(runtime::v1::CONTAINER_VIEW_BASIC);
  const auto judge = [&](runtime::v1::ListContainersResponse& page) {
    for (const Container& container : page.containers()) {
      orphans.erase(container.id());
      const auto sandbox = sandboxes.find(container.id());
      const bool has_sandbox = sandbox != sandboxes.end();
      if (all ||
          IsUnsettled(container, has_sandbox, has_sandbox && sandbox->second)) {
        unsettled.insert(container.id());
      }
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(ReadPages(peers.containers, &ContainerClient::ListContainers,
                            request, judge));
  unsettled.merge(orphans);
  return unsettled;
}

}  // namespace tug::gatewayd
