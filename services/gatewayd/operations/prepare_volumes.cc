// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/operations/prepare_volumes.h"

#include "absl/strings/str_cat.h"
#include "lib/base/id.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/gatewayd/operations/named_error.h"

namespace tug::gatewayd {
namespace {

absl::StatusOr<volume::v1::Volume> MakeVolume(const Peers& peers,
                                              const PlannedMount& mount) {
  volume::v1::CreateVolumeRequest request;
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

void FillPoint(const volume::v1::Volume& volume,
               runtime::v1::MountPoint& point) {
  point.set_name(volume.name());
  point.set_source(volume.mountpoint());
  point.set_driver(volume.driver());
}

}  // namespace

absl::StatusOr<std::vector<EmptyVolume>> PrepareVolumes(
    const Peers& peers, const std::string& lease,
    std::vector<PlannedMount>& mounts) {
  volume::v1::AcquireVolumesRequest acquire;
  acquire.set_lease(lease);
  std::vector<PlannedMount*> with_volume;
  for (PlannedMount& mount : mounts) {
    if (mount.point.type() != "volume") continue;
    if (!mount.exists) {
      ASSIGN_OR_RETURN(const volume::v1::Volume volume,
                       MakeVolume(peers, mount));
      FillPoint(volume, mount.point);
    }
    acquire.add_names(mount.point.name());
    with_volume.push_back(&mount);
  }
  std::vector<EmptyVolume> empty;
  if (with_volume.empty()) return empty;
  ASSIGN_OR_RETURN(const auto acquired, peers.volumes.AcquireVolumes(acquire));
  for (size_t i = 0; i < with_volume.size(); ++i) {
    PlannedMount& mount = *with_volume[i];
    if (static_cast<int>(i) >= acquired.volumes_size()) {
      return absl::InternalError("volume service answered too few volumes");
    }
    const volume::v1::Volume& volume = acquired.volumes(static_cast<int>(i));
    FillPoint(volume, mount.point);
    if (volume.state() != volume::v1::Volume::EMPTY) continue;
    empty.push_back({volume.name(), mount.point.destination(), mount.no_copy});
  }
  return empty;
}

}  // namespace tug::gatewayd
