// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/operations/plan_mounts.h"

#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "services/gatewayd/operations/mount_syntax.h"
#include "services/gatewayd/server/docker_error.h"

namespace tug::gatewayd {
namespace {

using MountsByTarget = std::map<std::string, PlannedMount>;

absl::Status AddVolumesFrom(const runtime::v1::HostConfig& host,
                            FindContainer find_container,
                            MountsByTarget& mounts) {
  for (const std::string& text : host.volumes_from().values()) {
    ASSIGN_OR_RETURN(const VolumesFrom from, ParseVolumesFrom(text));
    const auto container = find_container(from.container);
    if (!container.ok()) {
      return DockerError(400,
                         absl::StrCat("No such container: ", from.container));
    }
    for (const runtime::v1::MountPoint& point : container->mounts()) {
      if (point.type() == "tmpfs") continue;
      PlannedMount planned;
      planned.point = point;
      planned.exists = true;
      planned.point.set_read_only(point.read_only() || from.read_only);
      mounts[point.destination()] = std::move(planned);
    }
  }
  return absl::OkStatus();
}

absl::Status CheckFree(const std::string& target,
                       const std::set<std::string>& taken) {
  if (taken.count(target) == 0) return absl::OkStatus();
  return DockerError(400, absl::StrCat("Duplicate mount point: ", target));
}

// Adds one mount; `taken` holds the targets that may not be used again.
absl::Status AddOwn(PlannedMount planned, std::set<std::string>& taken,
                    MountsByTarget& mounts) {
  const std::string target = planned.point.destination();
  RETURN_IF_ERROR(CheckFree(target, taken));
  taken.insert(target);
  mounts[target] = std::move(planned);
  return absl::OkStatus();
}

absl::Status AddImageVolumes(const runtime::v1::Config& config,
                             const std::set<std::string>& taken,
                             MountsByTarget& mounts) {
  for (const std::string& path : config.volumes().paths()) {
    const std::string target = CleanPath(path);
    if (target == "/") {
      return DockerError(400,
                         "invalid specification: destination can't be '/'");
    }
    if (taken.count(target) != 0 || mounts.count(target) != 0) continue;
    PlannedMount planned;
    planned.point.set_type("volume");
    planned.point.set_destination(target);
    mounts[target] = std::move(planned);
  }
  return absl::OkStatus();
}

absl::Status CheckCount(size_t mounts, int image_volumes) {
  if (mounts <= kMaxMounts) return absl::OkStatus();
  return DockerError(
      400,
      absl::StrCat("the container would have ", mounts,
                   " mounts, the volumes of its image included (",
                   image_volumes, "); at most ", kMaxMounts, " are possible"));
}

}  // namespace

absl::StatusOr<std::vector<PlannedMount>> PlanMounts(
    const runtime::v1::Config& config, const runtime::v1::HostConfig& host,
    FindContainer find_container) {
  MountsByTarget mounts;
  RETURN_IF_ERROR(AddVolumesFrom(host, find_container, mounts));
  // A tmpfs may stand on a mount, but not on a bind.
  std::set<std::string> taken;
  std::set<std::string> tmpfs;
  for (const auto& [target, options] : host.tmpfs().values()) {
    tmpfs.insert(CleanPath(target));
  }
  for (const std::string& text : host.binds().values()) {
    ASSIGN_OR_RETURN(PlannedMount planned,
                     ParseBind(text, host.volume_driver()));
    RETURN_IF_ERROR(CheckFree(planned.point.destination(), tmpfs));
    RETURN_IF_ERROR(AddOwn(std::move(planned), taken, mounts));
  }
  for (const runtime::v1::Mount& mount : host.mounts().values()) {
    ASSIGN_OR_RETURN(PlannedMount planned, ParseMount(mount));
    RETURN_IF_ERROR(AddOwn(std::move(planned), taken, mounts));
  }
  taken.merge(tmpfs);
  RETURN_IF_ERROR(AddImageVolumes(config, taken, mounts));
  RETURN_IF_ERROR(CheckCount(mounts.size() + host.tmpfs().values().size(),
                             config.volumes().paths_size()));
  std::vector<PlannedMount> result;
  for (auto& [target, planned] : mounts) result.push_back(std::move(planned));
  return result;
}

void LeaveSubMountsWritable(std::vector<PlannedMount>& mounts) {
  for (PlannedMount& mount : mounts) {
    if (mount.exists || mount.point.type() != "bind") continue;
    if (!mount.point.read_only()) continue;
    mount.point.set_read_only_non_recursive(true);
  }
}

}  // namespace tug::gatewayd
