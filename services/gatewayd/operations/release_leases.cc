// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/operations/release_leases.h"

#include "services/gatewayd/operations/parallel.h"

namespace tug::gatewayd {
namespace {

absl::Status Detach(const Peers& peers, const std::string& id) {
  network::v1::DetachSandboxRequest request;
  request.set_lease(id);
  return peers.sandboxes.DetachSandbox(request);
}

absl::Status Unmount(const Peers& peers, const std::string& id) {
  volume::v1::UnmountVolumesRequest request;
  request.set_lease(id);
  return peers.volumes.UnmountVolumes(request);
}

absl::Status ReleaseSandbox(const Peers& peers, const std::string& id) {
  network::v1::ReleaseSandboxRequest request;
  request.set_lease(id);
  return peers.sandboxes.ReleaseSandbox(request);
}

absl::Status ReleaseVolumes(const Peers& peers, const std::string& id,
                            AnonymousVolumes anonymous) {
  volume::v1::ReleaseLeaseRequest request;
  request.set_lease(id);
  request.set_remove_anonymous(anonymous == AnonymousVolumes::kRemove);
  request.set_abandoned(anonymous == AnonymousVolumes::kRemoveUnused);
  return peers.volumes.ReleaseLease(request);
}

absl::Status ReleaseSnapshot(const Peers& peers, const std::string& id) {
  image::v1::ReleaseSnapshotRequest request;
  request.set_lease(id);
  return peers.snapshots.ReleaseSnapshot(request);
}

}  // namespace

absl::Status ReleaseRunning(const Peers& peers, const std::string& id) {
  return RunParallel(
      {[&] { return Detach(peers, id); }, [&] { return Unmount(peers, id); }});
}

absl::Status ReleaseLeases(const Peers& peers, const std::string& id,
                           AnonymousVolumes anonymous) {
  return RunParallel({
      [&] { return ReleaseSandbox(peers, id); },
      [&] { return ReleaseSnapshot(peers, id); },
      [&] { return ReleaseVolumes(peers, id, anonymous); },
  });
}

}  // namespace tug::gatewayd
