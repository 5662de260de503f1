// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/reconcile/reconcile_container.h"

#include <optional>
#include <utility>

#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/gatewayd/operations/release_leases.h"
#include "services/gatewayd/operations/remove_container.h"
#include "services/gatewayd/operations/start_container.h"

namespace tug::gatewayd {
namespace {

using runtime::v1::Container;

// Hands a running container's namespace to a network service that does not
// have it, because it was restarted.
absl::Status AdoptNetwork(const Peers& peers, const std::string& id) {
  network::v1::GetSandboxRequest find;
  find.set_lease(id);
  const auto sandbox = peers.sandboxes.GetSandbox(find);
  if (absl::IsNotFound(sandbox.status())) return absl::OkStatus();
  RETURN_IF_ERROR(sandbox.status());
  if (sandbox->attached() || sandbox->mode() == network::v1::Sandbox::HOST) {
    return absl::OkStatus();
  }
  runtime::v1::GetNetworkNamespaceRequest ask;
  ask.set_id(id);
  ASSIGN_OR_RETURN(const auto network,
                   peers.containers.GetNetworkNamespace(ask));
  network::v1::AdoptSandboxRequest adopt;
  adopt.set_lease(id);
  *adopt.mutable_network_namespace() = network.ticket();
  RETURN_IF_ERROR(peers.sandboxes.AdoptSandbox(adopt));
  LogInfo("handed back a network namespace", {{"container", id}});
  return absl::OkStatus();
}

absl::Status SettleEnded(const Peers& peers, const Container& container) {
  const std::string& id = container.id();
  if (container.host_config().auto_remove() && container.has_started_at()) {
    return RemoveLocked(peers, id, /*force=*/false,
                        /*remove_anonymous_volumes=*/true);
  }
  RETURN_IF_ERROR(ReleaseRunning(peers, id));
  if (!WantsStart(container)) return absl::OkStatus();
  LogInfo("starting a container by its restart policy", {{"container", id}});
  return StartLocked(peers, container);
}

}  // namespace

bool WantsStart(const Container& container) {
  // While the host is up, the runtime restarts by itself.
  if (container.state() != runtime::v1::CONTAINER_STATE_EXITED ||
      container.manually_stopped() || !container.interrupted()) {
    return false;
  }
  const runtime::v1::RestartPolicy& policy =
      container.host_config().restart_policy();
  if (policy.name() == "always" || policy.name() == "unless-stopped") {
    return true;
  }
  return policy.name() == "on-failure" && container.exit_code() != 0 &&
         (policy.maximum_retry_count() == 0 ||
          container.restart_count() < policy.maximum_retry_count());
}

absl::Status ReconcileContainer(const Peers& peers, ContainerLocks& locks,
                                const std::string& id) {
  const std::optional<ContainerLocks::Lock> lock = locks.TryAcquire(id);
  if (!lock.has_value()) {
    return absl::UnavailableError("another operation is in progress");
  }
  runtime::v1::GetContainerRequest request;
  request.set_reference(id);
  const auto container = peers.containers.GetContainer(request);
  if (absl::IsNotFound(container.status())) {
    // An interrupted create, or a runtime that has lost its records: volumes
    // that were used may hold the only copy of something.
    return ReleaseLeases(peers, id, AnonymousVolumes::kRemoveUnused);
  }
  RETURN_IF_ERROR(container.status());
  switch (container->state()) {
    case runtime::v1::CONTAINER_STATE_RUNNING:
    case runtime::v1::CONTAINER_STATE_PAUSED:
      return AdoptNetwork(peers, id);
    case runtime::v1::CONTAINER_STATE_CREATED:
      return ReleaseRunning(peers, id);
    case runtime::v1::CONTAINER_STATE_EXITED:
      return SettleEnded(peers, *container);
    case runtime::v1::CONTAINER_STATE_REMOVING:
      return FinishRemoval(peers, *container);
    case runtime::v1::CONTAINER_STATE_CREATING:
      // Whoever makes a container holds its lock: this gateway's predecessor
      // was at it.
      LogInfo("abandoning a container that was not finished",
              {{"container", id}});
      return AbandonCreation(peers, id, /*leased=*/true);
    default:
      return absl::OkStatus();  // RESTARTING: the runtime is at it.
  }
}

}  // namespace tug::gatewayd
