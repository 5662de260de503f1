// SPDX-License-Identifier: Apache-2.0
#include "lib/cgroup/tree_v2.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/cgroup/control_file.h"
#include "lib/cgroup/cpu.h"
#include "lib/cgroup/cpuset.h"
#include "lib/cgroup/delegation.h"
#include "lib/cgroup/devices.h"
#include "lib/cgroup/directory.h"
#include "lib/cgroup/freezer.h"
#include "lib/cgroup/io.h"
#include "lib/cgroup/memory.h"
#include "lib/cgroup/pids.h"
#include "lib/sys/unique_fd.h"

namespace tug::cgroup {
namespace {

constexpr absl::string_view kWanted[] = {"cpuset", "cpu", "io", "memory",
                                         "pids"};

class CgroupV2 final : public Cgroup {
 public:
  explicit CgroupV2(UniqueFd directory) : directory_(std::move(directory)) {}

  absl::Status Apply(const Resources& r) override {
    const int d = directory_.get();
    RETURN_IF_ERROR(ApplyCpuset(d, r));
    RETURN_IF_ERROR(ApplyMemoryV2(d, r));
    RETURN_IF_ERROR(ApplyCpuV2(d, r));
    RETURN_IF_ERROR(ApplyPids(d, r));
    RETURN_IF_ERROR(ApplyIoV2(d, r));
    if (r.devices.empty()) return absl::OkStatus();
    return ApplyDevicesV2(d, r.devices);
  }

  absl::Status Freeze() override { return FreezeV2(directory_.get()); }
  absl::Status Thaw() override { return ThawV2(directory_.get()); }

  absl::StatusOr<std::vector<int>> Processes() const override {
    return ReadProcessesRecursively(directory_.get());
  }

  absl::Status Kill() override {
    // cgroup.kill came in 5.14; the loop then only waits.
    WriteControl(directory_.get(), "cgroup.kill", "1").IgnoreError();
    return KillRecursively(directory_.get());
  }

  Stats ReadStats() const override {
    Stats stats;
    ReadCpuV2(directory_.get(), stats);
    ReadMemoryV2(directory_.get(), stats);
    ReadPids(directory_.get(), stats);
    ReadIoV2(directory_.get(), stats);
    return stats;
  }

  uint64_t OomKills() const override { return OomKillsV2(directory_.get()); }

 private:
  const UniqueFd directory_;
};

// Hands the wanted controllers that `directory` has to the groups below it.
absl::Status EnableControllers(int directory) {
  ASSIGN_OR_RETURN(const std::string text,
                   ReadControl(directory, "cgroup.controllers"));
  const std::vector<std::string> has =
      absl::StrSplit(text, absl::ByAnyChar(" \n"), absl::SkipEmpty());
  for (absl::string_view wanted : kWanted) {
    for (const std::string& name : has) {
      if (name != wanted) continue;
      RETURN_IF_ERROR(WriteControl(directory, "cgroup.subtree_control",
                                   absl::StrCat("+", name)));
    }
  }
  return absl::OkStatus();
}

class TreeV2 final : public CgroupTree {
 public:
  TreeV2(std::string mount, UniqueFd root, std::string base)
      : mount_(std::move(mount)),
        root_(std::move(root)),
        base_(std::move(base)),
        support_(Probe()) {}

  Version version() const override { return Version::kV2; }
  const Support& support() const override { return support_; }

  absl::StatusOr<std::unique_ptr<Cgroup>> Create(
      const std::string& path, const Resources& resources) override {
    RETURN_IF_ERROR(CheckCgroupPath(path));
    ASSIGN_OR_RETURN(const UniqueFd base, OpenBase());
    RETURN_IF_ERROR(EnableControllers(base.get()));
    // The leaf itself hands out nothing, or no process could join it.
    const auto parents = [&](int parent, int made) -> absl::Status {
      (void)made;
      return EnableControllers(parent);
    };
    ASSIGN_OR_RETURN(UniqueFd directory,
                     MakeDirectories(base.get(), path, parents));
    auto group = std::make_unique<CgroupV2>(std::move(directory));
    RETURN_IF_ERROR(group->Apply(resources));
    return group;
  }

  absl::StatusOr<std::unique_ptr<Cgroup>> Open(
      const std::string& path) override {
    RETURN_IF_ERROR(CheckCgroupPath(path));
    ASSIGN_OR_RETURN(const UniqueFd base, OpenBase());
    ASSIGN_OR_RETURN(UniqueFd directory, OpenDirectory(base.get(), path));
    return std::make_unique<CgroupV2>(std::move(directory));
  }

  absl::Status Remove(const std::string& path) override {
    RETURN_IF_ERROR(CheckCgroupPath(path));
    ASSIGN_OR_RETURN(const UniqueFd base, OpenBase());
    return RemoveTree(base.get(), path);
  }

  std::vector<std::string> Children(const std::string& path) const override {
    const auto base = OpenBase();
    if (!base.ok()) return {};
    const auto directory = OpenDirectory(base->get(), path);
    if (!directory.ok()) return {};
    return ReadChildren(directory->get());
  }

  Location Locate(const std::string& path) const override {
    Location location;
    location.directory = base_.empty()
                             ? absl::StrCat(mount_, "/", path)
                             : absl::StrCat(mount_, "/", base_, "/", path);
    if (support_.memory) {
      location.oom_events = absl::StrCat(location.directory, "/memory.events");
    }
    return location;
  }

 private:
  absl::StatusOr<UniqueFd> OpenBase() const {
    return OpenDirectory(root_.get(), base_.empty() ? "." : base_);
  }

  Support Probe() const {
    Support s;
    s.devices = true;
    s.freezer = true;
    const auto base = OpenBase();
    if (!base.ok()) return s;
    const std::string text =
        ReadControl(base->get(), "cgroup.controllers").value_or("");
    const std::vector<std::string> has =
        absl::StrSplit(text, absl::ByAnyChar(" \n"), absl::SkipEmpty());
    for (const std::string& name : has) {
      if (name == "memory") s.memory = s.swap = true;
      if (name == "cpu") s.cpu = true;
      if (name == "cpuset") s.cpuset = true;
      if (name == "pids") s.pids = true;
      if (name == "io") s.io = s.io_weight = true;
    }
    return s;
  }

  const std::string mount_;
  const UniqueFd root_;
  const std::string base_;
  const Support support_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<CgroupTree>> OpenTreeV2(
    const std::string& mount_path) {
  UniqueFd root(open(mount_path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root) return ErrnoStatus(errno, absl::StrCat("open ", mount_path));
  ASSIGN_OR_RETURN(std::string base, ClaimDelegatedRoot(root.get()));
  return std::make_unique<TreeV2>(mount_path, std::move(root), std::move(base));
}

}  // namespace tug::cgroup
