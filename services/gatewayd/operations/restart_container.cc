// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/operations/restart_container.h"

#include <optional>
#include <utility>

#include "lib/base/status_macros.h"
#include "services/gatewayd/operations/start_container.h"

namespace tug::gatewayd {
namespace {

absl::StatusOr<runtime::v1::Container> Read(const Peers& peers,
                                            const std::string& id) {
  runtime::v1::GetContainerRequest request;
  request.set_reference(id);
  return peers.containers.GetContainer(request);
}

}  // namespace

absl::Status RestartContainer(const Peers& peers, ContainerLocks& locks,
                              const runtime::v1::StopContainerRequest& stop) {
  ASSIGN_OR_RETURN(runtime::v1::Container container, Read(peers, stop.id()));
  // The stop may take long, and a remove must get in between; only a container
  // that the reconciler would remove at its end is kept locked.
  std::optional<ContainerLocks::Lock> lock;
  if (container.host_config().auto_remove()) {
    ASSIGN_OR_RETURN(ContainerLocks::Lock held, locks.Acquire(stop.id()));
    lock.emplace(std::move(held));
  }
  RETURN_IF_ERROR(peers.containers.StopContainer(stop).status());
  if (!lock.has_value()) {
    ASSIGN_OR_RETURN(ContainerLocks::Lock held, locks.Acquire(stop.id()));
    lock.emplace(std::move(held));
  }
  ASSIGN_OR_RETURN(container, Read(peers, stop.id()));
  return StartLocked(peers, container);
}

}  // namespace tug::gatewayd
