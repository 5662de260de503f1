// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/reconcile/sweep.h"

#include <map>
#include <utility>

#include "lib/base/status_macros.h"
#include "services/gatewayd/reconcile/reconcile_container.h"

namespace tug::gatewayd {
namespace {

using runtime::v1::Container;

// Whether each lease's sandbox is attached.
using AttachedSandboxes = std::map<std::string, bool>;

absl::StatusOr<AttachedSandboxes> ReadSandboxes(SandboxClient& client) {
  AttachedSandboxes sandboxes;
  network::v1::ListSandboxesRequest request;
  do {
    ASSIGN_OR_RETURN(const auto page, client.ListSandboxes(request));
    for (const network::v1::Sandbox& sandbox : page.sandboxes()) {
      sandboxes[sandbox.lease()] = sandbox.attached();
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return sandboxes;
}

absl::StatusOr<std::map<std::string, Container>> ReadContainers(
    ContainerClient& client) {
  std::map<std::string, Container> containers;
  runtime::v1::ListContainersRequest request;
  do {
    ASSIGN_OR_RETURN(auto page, client.ListContainers(request));
    for (Container& container : *page.mutable_containers()) {
      std::string id = container.id();
      containers.emplace(std::move(id), std::move(container));
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return containers;
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
    case runtime::v1::CONTAINER_STATE_REMOVING:
      return true;
    default:
      return false;
  }
}

}  // namespace

absl::StatusOr<std::set<std::string>> FindUnsettled(const Peers& peers,
                                                    bool all) {
  std::set<std::string> leases;
  ASSIGN_OR_RETURN(const auto snapshots, peers.snapshots.ListLeases({}));
  leases.insert(snapshots.leases().begin(), snapshots.leases().end());
  ASSIGN_OR_RETURN(const auto volumes, peers.volumes.ListLeases({}));
  leases.insert(volumes.leases().begin(), volumes.leases().end());
  ASSIGN_OR_RETURN(const AttachedSandboxes sandboxes,
                   ReadSandboxes(peers.sandboxes));
  for (const auto& [lease, attached] : sandboxes) leases.insert(lease);
  ASSIGN_OR_RETURN(const auto containers, ReadContainers(peers.containers));
  std::set<std::string> unsettled;
  for (const std::string& lease : leases) {
    if (containers.count(lease) == 0) unsettled.insert(lease);
  }
  for (const auto& [id, container] : containers) {
    const auto sandbox = sandboxes.find(id);
    const bool has_sandbox = sandbox != sandboxes.end();
    if (all ||
        IsUnsettled(container, has_sandbox, has_sandbox && sandbox->second)) {
      unsettled.insert(id);
    }
  }
  return unsettled;
}

}  // namespace tug::gatewayd
