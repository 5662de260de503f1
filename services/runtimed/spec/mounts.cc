// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/spec/mounts.h"

#include <linux/mount.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <set>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/runtimed/spec/spec_error.h"
#include "services/runtimed/spec/tmpfs_options.h"

namespace tug::runtimed {
namespace {

using runtime::v1::MountPoint;
using Kind = NamespaceChoice::Kind;

constexpr int64_t kDefaultShm = 64 << 20;
constexpr uint64_t kNoSuidExecDev =
    MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NODEV;

// "/dev/" and "/dev" are the same target.
std::string Clean(const std::string& path) {
  std::string clean = std::filesystem::path(path).lexically_normal().native();
  while (clean.size() > 1 && clean.back() == '/') clean.pop_back();
  return clean;
}

MountSpec Special(PlanMountType type, const char* target, uint64_t attributes,
                  std::string options = {}) {
  MountSpec mount;
  mount.type = type;
  mount.target = target;
  mount.attributes = attributes;
  mount.options = std::move(options);
  return mount;
}

MountSpec Bind(std::string source, std::string target, uint64_t attributes) {
  MountSpec mount;
  mount.type = PlanMountType::kBind;
  mount.source = std::move(source);
  mount.target = std::move(target);
  mount.attributes = attributes;
  mount.flags = kMountRecursive;
  return mount;
}

// With the ipc namespace goes its /dev/shm, as it is where it comes from.
void AddShm(const MountInput& input, std::vector<MountSpec>& mounts) {
  constexpr char kShm[] = "/dev/shm";
  const runtime::v1::HostConfig& host = input.container.host_config();
  switch (input.namespaces.ipc.kind) {
    case Kind::kHost:
      mounts.push_back(Bind(kShm, kShm, 0));
      return;
    case Kind::kContainer:
      mounts.push_back(Special(PlanMountType::kSharedShm, kShm, 0));
      return;
    case Kind::kNew:
      break;
  }
  if (host.ipc_mode() == "none") return;
  const int64_t size = host.shm_size() > 0 ? host.shm_size() : kDefaultShm;
  mounts.push_back(Special(PlanMountType::kTmpfs, kShm, kNoSuidExecDev,
                           absl::StrCat("mode=1777,size=", size)));
}

std::vector<MountSpec> Defaults(const MountInput& input) {
  const runtime::v1::HostConfig& host = input.container.host_config();
  const uint64_t read_only = host.privileged() ? 0 : MOUNT_ATTR_RDONLY;
  std::vector<MountSpec> mounts;
  mounts.push_back(Special(PlanMountType::kProc, "/proc", kNoSuidExecDev));
  mounts.push_back(Special(PlanMountType::kTmpfs, "/dev",
                           MOUNT_ATTR_NOSUID | MOUNT_ATTR_STRICTATIME,
                           "mode=755,size=65536k"));
  mounts.push_back(Special(PlanMountType::kDevpts, "/dev/pts",
                           MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
                           "ptmxmode=0666,mode=0620,gid=5"));
  mounts.push_back(
      Special(PlanMountType::kSysfs, "/sys", kNoSuidExecDev | read_only));
  // kPlanWritableCgroups decides otherwise.
  mounts.push_back(Special(PlanMountType::kCgroup, "/sys/fs/cgroup",
                           kNoSuidExecDev | MOUNT_ATTR_RDONLY));
  // It shows the queues of whatever ipc namespace the container has.
  mounts.push_back(
      Special(PlanMountType::kMqueue, "/dev/mqueue", kNoSuidExecDev));
  AddShm(input, mounts);
  return mounts;
}

void AddFiles(const MountInput& input, std::vector<MountSpec>& mounts) {
  const uint64_t attributes =
      input.container.host_config().readonly_rootfs() ? MOUNT_ATTR_RDONLY : 0;
  const auto add = [&](const std::string& source, const char* target) {
    if (source.empty()) return;
    MountSpec mount = Bind(source, target, attributes);
    mount.flags = 0;
    mounts.push_back(std::move(mount));
  };
  add(input.resolv_conf_path, "/etc/resolv.conf");
  add(input.hostname_path, "/etc/hostname");
  add(input.hosts_path, "/etc/hosts");
}

std::optional<PlanPropagation> ParsePropagation(absl::string_view text) {
  struct Row {
    const char* name;
    PlanPropagation value;
  };
  static constexpr Row kRows[] = {
      {"", PlanPropagation::kRecursivePrivate},
      {"private", PlanPropagation::kPrivate},
      {"rprivate", PlanPropagation::kRecursivePrivate},
      {"slave", PlanPropagation::kSlave},
      {"rslave", PlanPropagation::kRecursiveSlave},
      {"shared", PlanPropagation::kShared},
      {"rshared", PlanPropagation::kRecursiveShared},
  };
  for (const Row& row : kRows) {
    if (text == row.name) return row.value;
  }
  return std::nullopt;
}

void RaiseRootPropagation(PlanPropagation asked, PlanPropagation& root) {
  if (asked == PlanPropagation::kShared ||
      asked == PlanPropagation::kRecursiveShared) {
    root = PlanPropagation::kShared;
  } else if ((asked == PlanPropagation::kSlave ||
              asked == PlanPropagation::kRecursiveSlave) &&
             root != PlanPropagation::kShared) {
    root = PlanPropagation::kRecursiveSlave;
  }
}

// As with Docker these fail at the start, in words of their own.
absl::Status CheckReadOnly(const MountPoint& point) {
  if (!point.read_only_force_recursive()) return absl::OkStatus();
  const char* const other = point.read_only_non_recursive()
                                ? "ReadOnlyNonRecursive"
                            : point.read_only() ? nullptr
                                                : "!ReadOnly";
  if (other == nullptr) return absl::OkStatus();
  return WithReason(absl::FailedPreconditionError(
                        absl::StrCat("mount options conflict: ", other,
                                     " && BindOptions.ReadOnlyForceRecursive")),
                    "START_FAILED");
}

absl::StatusOr<MountSpec> UserBind(const MountPoint& point,
                                   const MountInput& input) {
  RETURN_IF_ERROR(CheckReadOnly(point));
  std::string source = point.source();
  if (point.type() == "volume") {
    const auto mounted = input.volume_paths.find(point.name());
    if (mounted != input.volume_paths.end()) source = mounted->second;
  }
  MountSpec mount = Bind(source, point.destination(), 0);
  mount.subpath = point.subpath();
  if (point.non_recursive()) mount.flags &= ~kMountRecursive;
  if (point.read_only()) {
    mount.attributes |= MOUNT_ATTR_RDONLY;
    if (!point.read_only_non_recursive()) {
      mount.flags |= kMountRecursiveReadOnly;
    }
    if (point.read_only_force_recursive()) {
      mount.flags |= kMountRequireRecursiveReadOnly;
    }
  }
  const auto propagation = ParsePropagation(point.propagation());
  if (!propagation.has_value()) {
    return SpecError(
        absl::StrCat("invalid mount propagation: ", point.propagation()));
  }
  mount.propagation = *propagation;
  return mount;
}

absl::StatusOr<MountSpec> UserTmpfs(const std::string& target,
                                    absl::string_view text, bool read_only) {
  ASSIGN_OR_RETURN(const TmpfsOptions options, ParseTmpfsOptions(text));
  MountSpec mount = Special(PlanMountType::kTmpfs, target.c_str(),
                            options.attributes, options.options);
  if (read_only) mount.attributes |= MOUNT_ATTR_RDONLY;
  mount.propagation = ParsePropagation(options.propagation)
                          .value_or(PlanPropagation::kRecursivePrivate);
  return mount;
}

absl::StatusOr<std::vector<MountSpec>> UserMounts(const MountInput& input) {
  std::vector<MountSpec> mounts;
  for (const MountPoint& point : input.container.mounts()) {
    if (point.type() == "tmpfs") {
      ASSIGN_OR_RETURN(MountSpec mount,
                       UserTmpfs(point.destination(), point.tmpfs_options(),
                                 point.read_only()));
      mounts.push_back(std::move(mount));
    } else {
      ASSIGN_OR_RETURN(MountSpec mount, UserBind(point, input));
      mounts.push_back(std::move(mount));
    }
  }
  // Above a mount on the same target, as with Docker.
  for (const auto& [target, options] :
       input.container.host_config().tmpfs().values()) {
    ASSIGN_OR_RETURN(MountSpec mount, UserTmpfs(target, options, false));
    mounts.push_back(std::move(mount));
  }
  for (MountSpec& mount : mounts) mount.target = Clean(mount.target);
  const auto depth = [](const MountSpec& mount) {
    return std::count(mount.target.begin(), mount.target.end(), '/');
  };
  std::stable_sort(mounts.begin(), mounts.end(),
                   [&](const MountSpec& a, const MountSpec& b) {
                     if (depth(a) != depth(b)) return depth(a) < depth(b);
                     return a.target < b.target;
                   });
  return mounts;
}

bool Exists(const std::string& path) {
  struct stat info = {};
  return stat(path.c_str(), &info) == 0;
}

absl::Status CheckPoint(const MountPoint& point) {
  const auto fail = [&](absl::string_view why) {
    return SpecError(absl::StrCat("invalid mount config for type \"",
                                  point.type(), "\": ", why));
  };
  if (point.type() == "image") {
    return fail("mounts of images are not supported yet");
  }
  if (point.type() != "bind" && point.type() != "volume" &&
      point.type() != "tmpfs") {
    return SpecError(
        absl::StrCat("mount type unknown: \"", point.type(), "\""));
  }
  if (!absl::StartsWith(point.destination(), "/")) {
    return fail(absl::StrCat("invalid mount path: '", point.destination(),
                             "' mount path must be absolute"));
  }
  if (Clean(point.destination()) == "/") {
    return fail("invalid specification: destination can't be '/'");
  }
  if (point.destination().find('\0') != std::string::npos ||
      point.source().find('\0') != std::string::npos) {
    return fail("a path holds a NUL byte");
  }
  if (!ParsePropagation(point.propagation()).has_value()) {
    return fail(
        absl::StrCat("invalid propagation mode: ", point.propagation()));
  }
  if (point.type() == "tmpfs") {
    return ParseTmpfsOptions(point.tmpfs_options()).status();
  }
  if (point.type() != "bind") return absl::OkStatus();
  if (!absl::StartsWith(point.source(), "/")) {
    return fail(absl::StrCat("invalid mount path: '", point.source(),
                             "' mount path must be absolute"));
  }
  if (!point.create_source() && !Exists(point.source())) {
    return fail(
        absl::StrCat("bind source path does not exist: ", point.source()));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ContainerMounts> MountsOf(const MountInput& input) {
  ContainerMounts result;
  ASSIGN_OR_RETURN(std::vector<MountSpec> user, UserMounts(input));
  std::set<std::string> targets;
  for (const MountSpec& mount : user) {
    targets.insert(mount.target);
    if (mount.type == PlanMountType::kBind) {
      RaiseRootPropagation(mount.propagation, result.root_propagation);
    }
  }
  result.own_dev = !targets.contains("/dev");
  std::vector<MountSpec> defaults = Defaults(input);
  AddFiles(input, defaults);
  for (MountSpec& mount : defaults) {
    if (targets.contains(mount.target)) continue;
    if (!result.own_dev && absl::StartsWith(mount.target, "/dev/")) continue;
    result.mounts.push_back(std::move(mount));
  }
  for (MountSpec& mount : user) result.mounts.push_back(std::move(mount));
  if (result.mounts.size() > kMaxPlanMounts) {
    return SpecError("too many mounts");
  }
  return result;
}

absl::Status CheckMounts(const runtime::v1::Container& container) {
  std::set<std::string> targets;
  for (const MountPoint& point : container.mounts()) {
    RETURN_IF_ERROR(CheckPoint(point));
    if (!targets.insert(Clean(point.destination())).second) {
      return SpecError(
          absl::StrCat("Duplicate mount point: ", point.destination()));
    }
  }
  for (const auto& [target, options] :
       container.host_config().tmpfs().values()) {
    if (!absl::StartsWith(target, "/")) {
      return SpecError(absl::StrCat("invalid mount path: '", target,
                                    "' mount path must be absolute"));
    }
    if (Clean(target) == "/") {
      return SpecError("invalid specification: destination can't be '/'");
    }
    RETURN_IF_ERROR(ParseTmpfsOptions(options).status());
  }
  return absl::OkStatus();
}

absl::Status CreateSources(const runtime::v1::Container& container) {
  for (const MountPoint& point : container.mounts()) {
    if (point.type() != "bind" || !point.create_source()) continue;
    if (Exists(point.source())) continue;
    std::error_code error;
    std::filesystem::create_directories(point.source(), error);
    if (error) {
      return SpecError(absl::StrCat("error while creating mount source path '",
                                    point.source(), "': ", error.message()));
    }
  }
  return absl::OkStatus();
}

}  // namespace tug::runtimed
