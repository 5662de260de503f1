// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/operations/prepare_volumes.h"

#include "absl/strings/str_cat.h"
#include "lib/base/id.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/gatewayd/operations/named_error.h"

namespace tug::gatewayd {
namespace {

// The lease holds the volume from before it exists: whatever happens to this
// process, releasing the lease finds it.
absl::StatusOr<volume::v1::Volume> MakeVolume(const Peers& peers,
                                              const std::string& lease,
                                              const PlannedMount& mount) {
  volume::v1::CreateVolumeRequest request;
  request.set_lease(lease);
  request.set_name(mount.point.name());
  request.set_driver(mount.point.driver());
  request.set_no_copy(mount.no_copy);
  request.set_request_id(NewId());
  for (const auto& [name, value] : mount.labels) {
    (*request.mutable_labels())[name] = value;
  }
  if (mount.has_options) {
    auto& options = *request.mutable_options()->mutable_values();
    for (const auto& [name, value] : mount.options) options[name] = value;
  }
  auto volume = peers.volumes.CreateVolume(request);
  if (!volume.ok()) return NamedError(volume.status(), mount.point.name());
  return volume;
}

// Notes what the volume of a mount is.
void Take(const volume::v1::Volume& volume, PlannedMount& mount,
          std::vector<EmptyVolume>& empty) {
  runtime::v1::MountPoint& point = mount.point;
  point.set_name(volume.name());
  point.set_source(volume.mountpoint());
  point.set_driver(volume.driver());
  if (volume.state() != volume::v1::Volume::EMPTY) return;
  empty.push_back({volume.name(), point.destination(), mount.no_copy});
}

// Takes volumes of other containers into the lease.
absl::Status AcquireExisting(const Peers& peers, const std::string& lease,
                             const std::vector<PlannedMount*>& mounts,
                             std::vector<EmptyVolume>& empty) {
  if (mounts.empty()) return absl::OkStatus();
  volume::v1::AcquireVolumesRequest acquire;
  acquire.set_lease(lease);
  for (const PlannedMount* mount : mounts) {
    acquire.add_names(mount->point.name());
  }
  ASSIGN_OR_RETURN(const auto acquired, peers.volumes.AcquireVolumes(acquire));
  if (acquired.volumes_size() != acquire.names_size()) {
    return absl::InternalError("volume service answered too few volumes");
  }
  for (size_t i = 0; i < mounts.size(); ++i) {
    Take(acquired.volumes(static_cast<int>(i)), *mounts[i], empty);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<EmptyVolume>> PrepareVolumes(
    const Peers& peers, const std::string& lease,
    std::vector<PlannedMount>& mounts) {
  std::vector<EmptyVolume> empty;
  std::vector<PlannedMount*> existing;
  for (PlannedMount& mount : mounts) {
    if (mount.point.type() != "volume") continue;
    if (mount.exists) {
      existing.push_back(&mount);
      continue;
    }
    ASSIGN_OR_RETURN(const volume::v1::Volume volume,
                     MakeVolume(peers, lease, mount));
    Take(volume, mount, empty);
  }
  RETURN_IF_ERROR(AcquireExisting(peers, lease, existing, empty));
  return empty;
}

}  // namespace tug::gatewayd
