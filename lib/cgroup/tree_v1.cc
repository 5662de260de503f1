// SPDX-License-Identifier: Apache-2.0
#include "lib/cgroup/tree_v1.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <set>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/cgroup/control_file.h"
#include "lib/cgroup/cpu.h"
#include "lib/cgroup/cpuset.h"
#include "lib/cgroup/devices.h"
#include "lib/cgroup/directory.h"
#include "lib/cgroup/freezer.h"
#include "lib/cgroup/io.h"
#include "lib/cgroup/memory.h"
#include "lib/cgroup/pids.h"

namespace tug::cgroup {
namespace {

// The group's directory in one hierarchy.
struct Member {
  std::vector<std::string> controllers;
  UniqueFd directory;
};

class CgroupV1 final : public Cgroup {
 public:
  explicit CgroupV1(std::vector<Member> members)
      : members_(std::move(members)) {}

  absl::Status Apply(const Resources& r) override {
    RETURN_IF_ERROR(With("cpuset", [&](int d) { return ApplyCpuset(d, r); }));
    RETURN_IF_ERROR(With("memory", [&](int d) { return ApplyMemoryV1(d, r); }));
    RETURN_IF_ERROR(With("cpu", [&](int d) { return ApplyCpuV1(d, r); }));
    RETURN_IF_ERROR(With("pids", [&](int d) { return ApplyPids(d, r); }));
    RETURN_IF_ERROR(With("blkio", [&](int d) { return ApplyIoV1(d, r); }));
    return With("devices", [&](int d) { return ApplyDevicesV1(d, r.devices); });
  }

  absl::Status Freeze() override { return NeedFreezer(FreezeV1); }
  absl::Status Thaw() override { return NeedFreezer(ThawV1); }

  absl::StatusOr<std::vector<int>> Processes() const override {
    return ReadProcessesRecursively(Any());
  }

  absl::Status Kill() override { return KillRecursively(Any()); }

  Stats ReadStats() const override {
    Stats stats;
    ReadCpuV1(Find("cpu"), Find("cpuacct"), stats);
    if (const int d = Find("memory"); d >= 0) ReadMemoryV1(d, stats);
    if (const int d = Find("pids"); d >= 0) ReadPids(d, stats);
    if (const int d = Find("blkio"); d >= 0) ReadIoV1(d, stats);
    return stats;
  }

  uint64_t OomKills() const override {
    const int directory = Find("memory");
    return directory < 0 ? 0 : OomKillsV1(directory);
  }

 private:
  int Find(absl::string_view controller) const {
    for (const Member& member : members_) {
      for (const std::string& name : member.controllers) {
        if (name == controller) return member.directory.get();
      }
    }
    return -1;
  }

  // The hierarchy that tells the processes: all hold the same ones.
  int Any() const {
    const int freezer = Find("freezer");
    return freezer >= 0 ? freezer : members_.front().directory.get();
  }

  absl::Status With(absl::string_view controller,
                    const std::function<absl::Status(int)>& apply) {
    const int directory = Find(controller);
    return directory < 0 ? absl::OkStatus() : apply(directory);
  }

  absl::Status NeedFreezer(absl::Status (*change)(int)) {
    const int directory = Find("freezer");
    if (directory < 0) {
      return absl::FailedPreconditionError(
          "the freezer controller is not mounted on this host");
    }
    return change(directory);
  }

  const std::vector<Member> members_;
};

struct Hierarchy {
  std::string path;
  std::vector<std::string> controllers;
  UniqueFd root;

  bool Has(absl::string_view name) const {
    for (const std::string& controller : controllers) {
      if (controller == name) return true;
    }
    return false;
  }
};

class TreeV1 final : public CgroupTree {
 public:
  explicit TreeV1(std::vector<Hierarchy> hierarchies)
      : hierarchies_(std::move(hierarchies)), support_(Probe()) {}

  Version version() const override { return Version::kV1; }
  const Support& support() const override { return support_; }

  absl::StatusOr<std::unique_ptr<Cgroup>> Create(
      const std::string& path, const Resources& resources) override {
    RETURN_IF_ERROR(CheckCgroupPath(path));
    std::vector<Member> members;
    for (const Hierarchy& hierarchy : hierarchies_) {
      const bool cpuset = hierarchy.Has("cpuset");
      ASSIGN_OR_RETURN(
          UniqueFd directory,
          MakeDirectories(hierarchy.root.get(), path,
                          [cpuset](int parent, int made) -> absl::Status {
                            if (!cpuset) return absl::OkStatus();
                            return InheritCpusetV1(parent, made);
                          }));
      members.push_back({hierarchy.controllers, std::move(directory)});
    }
    auto group = std::make_unique<CgroupV1>(std::move(members));
    RETURN_IF_ERROR(group->Apply(resources));
    return group;
  }

  absl::StatusOr<std::unique_ptr<Cgroup>> Open(
      const std::string& path) override {
    RETURN_IF_ERROR(CheckCgroupPath(path));
    std::vector<Member> members;
    for (const Hierarchy& hierarchy : hierarchies_) {
      ASSIGN_OR_RETURN(UniqueFd directory,
                       OpenDirectory(hierarchy.root.get(), path));
      members.push_back({hierarchy.controllers, std::move(directory)});
    }
    return std::make_unique<CgroupV1>(std::move(members));
  }

  absl::Status Remove(const std::string& path) override {
    RETURN_IF_ERROR(CheckCgroupPath(path));
    absl::Status result;
    for (const Hierarchy& hierarchy : hierarchies_) {
      result.Update(RemoveTree(hierarchy.root.get(), path));
    }
    return result;
  }

  std::vector<std::string> Children(const std::string& path) const override {
    std::set<std::string> names;
    for (const Hierarchy& hierarchy : hierarchies_) {
      const auto directory = OpenDirectory(hierarchy.root.get(), path);
      if (!directory.ok()) continue;
      for (std::string& name : ReadChildren(directory->get())) {
        names.insert(std::move(name));
      }
    }
    return {names.begin(), names.end()};
  }

  Location Locate(const std::string& path) const override {
    Location location;
    for (const Hierarchy& hierarchy : hierarchies_) {
      const std::string directory = absl::StrCat(hierarchy.path, "/", path);
      location.tasks.push_back(absl::StrCat(directory, "/tasks"));
      location.hierarchies.emplace_back(HierarchyName(hierarchy.path),
                                        directory);
      if (hierarchy.Has("memory")) {
        location.oom_events = absl::StrCat(directory, "/memory.oom_control");
      }
    }
    return location;
  }

 private:
  // Containers see a hierarchy under the name that the host mounted it by.
  static std::string HierarchyName(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
  }

  // Whether the root of `controller` shows `file`.
  bool Shows(absl::string_view controller, const char* file) const {
    for (const Hierarchy& hierarchy : hierarchies_) {
      if (!hierarchy.Has(controller)) continue;
      return faccessat(hierarchy.root.get(), file, F_OK, 0) == 0;
    }
    return false;
  }

  Support Probe() const {
    Support s;
    s.memory = Shows("memory", "memory.limit_in_bytes");
    s.swap = Shows("memory", "memory.memsw.limit_in_bytes");
    s.swappiness = Shows("memory", "memory.swappiness");
    s.oom_kill_disable = Shows("memory", "memory.oom_control");
    s.cpu = Shows("cpu", "cpu.shares") || Shows("cpu", "tasks");
    s.cpu_realtime = Shows("cpu", "cpu.rt_runtime_us");
    s.cpuset = Shows("cpuset", "cpuset.cpus");
    s.pids = Shows("pids", "tasks");
    s.io = Shows("blkio", "blkio.throttle.read_bps_device");
    s.io_weight =
        Shows("blkio", "blkio.weight") || Shows("blkio", "blkio.bfq.weight");
    s.freezer = Shows("freezer", "tasks");
    s.devices = Shows("devices", "devices.list");
    return s;
  }

  const std::vector<Hierarchy> hierarchies_;
  const Support support_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<CgroupTree>> OpenTreeV1(
    const std::vector<MountedHierarchy>& mounted) {
  std::vector<Hierarchy> hierarchies;
  for (const MountedHierarchy& mount : mounted) {
    if (mount.v2) continue;
    UniqueFd root(open(mount.path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!root) return ErrnoStatus(errno, absl::StrCat("open ", mount.path));
    hierarchies.push_back({mount.path, mount.controllers, std::move(root)});
  }
  return std::make_unique<TreeV1>(std::move(hierarchies));
}

}  // namespace tug::cgroup
