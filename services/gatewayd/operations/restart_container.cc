// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/operations/restart_container.h"

#include <optional>

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

bool EndsSoon(const runtime::v1::StopContainerRequest& stop,
              const runtime::v1::Container& container) {
  const int seconds =
      stop.has_timeout() ? stop.timeout() : container.config().stop_timeout();
  return seconds >= 0 && seconds <= kLongestUnattendedStop;
}

}  // namespace

absl::Status RestartContainer(const Peers& peers, ContainerLocks& locks,
                              const runtime::v1::StopContainerRequest& stop,
                              Cancellation* client_gone) {
  ASSIGN_OR_RETURN(runtime::v1::Container container, Read(peers, stop.id()));
  // The reconciler would take its end for the last one and remove it.
  std::optional<ContainerLocks::Lock> announced;
  if (container.host_config().auto_remove()) {
    announced.emplace(locks.Announce(stop.id()));
  }
  Cancellation* const ends = EndsSoon(stop, container) ? nullptr : client_gone;
  RETURN_IF_ERROR(peers.containers.StopContainer(stop, ends).status());
  ASSIGN_OR_RETURN(const ContainerLocks::Lock lock, locks.Acquire(stop.id()));
  ASSIGN_OR_RETURN(container, Read(peers, stop.id()));
  return StartLocked(peers, container, StartOf::kRestart);
}

}  // namespace tug::gatewayd
