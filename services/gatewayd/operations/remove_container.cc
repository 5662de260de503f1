// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/operations/remove_container.h"

#include "lib/base/status_macros.h"
#include "services/gatewayd/operations/release_leases.h"

namespace tug::gatewayd {

absl::Status FinishRemoval(const Peers& peers,
                           const runtime::v1::Container& removing) {
  RETURN_IF_ERROR(ReleaseLeases(peers, removing.id(),
                                removing.removes_anonymous_volumes()
                                    ? AnonymousVolumes::kRemove
                                    : AnonymousVolumes::kKeep));
  runtime::v1::FinishRemoveContainerRequest request;
  request.set_id(removing.id());
  return peers.containers.FinishRemoveContainer(request);
}

absl::Status AbandonCreation(const Peers& peers, const std::string& id,
                             bool leased) {
  runtime::v1::AbandonContainerRequest request;
  request.set_id(id);
  RETURN_IF_ERROR(peers.containers.AbandonContainer(request));
  if (!leased) return absl::OkStatus();
  return ReleaseLeases(peers, id, AnonymousVolumes::kRemoveUnused);
}

absl::Status RemoveLocked(const Peers& peers, const std::string& id, bool force,
                          bool remove_anonymous_volumes) {
  runtime::v1::BeginRemoveContainerRequest request;
  request.set_id(id);
  request.set_force(force);
  request.set_remove_anonymous_volumes(remove_anonymous_volumes);
  ASSIGN_OR_RETURN(const runtime::v1::Container container,
                   peers.containers.BeginRemoveContainer(request));
  return FinishRemoval(peers, container);
}

absl::Status RemoveContainer(const Peers& peers, ContainerLocks& locks,
                             const std::string& id, bool force,
                             bool remove_anonymous_volumes,
                             Cancellation* client_gone) {
  ASSIGN_OR_RETURN(const ContainerLocks::Lock lock,
                   locks.Acquire(id, client_gone));
  return RemoveLocked(peers, id, force, remove_anonymous_volumes);
}

}  // namespace tug::gatewayd
