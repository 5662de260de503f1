// SPDX-License-Identifier: Apache-2.0
//
// The control groups of containers: one interface over v1 (also hybrid) and
// v2. One file per controller does the work.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/cgroup/resources.h"
#include "lib/cgroup/stats.h"

namespace tug::cgroup {

enum class Version { kV1, kV2 };

// What the kernel and its mounted controllers can do.
struct Support {
  bool memory = false;
  bool swap = false;
  bool swappiness = false;
  bool oom_kill_disable = false;
  bool cpu = false;
  bool cpu_realtime = false;
  bool cpuset = false;
  bool pids = false;
  bool io = false;
  bool io_weight = false;
  bool freezer = false;
  bool devices = false;
};

// Where a group is in the host's file system: what a process that is to join
// it, or to show it, must be told.
struct Location {
  // v1: the `tasks` file of each hierarchy. A process joins by writing "0"
  // itself while it has one thread; writing its pid into cgroup.procs from
  // outside costs 12 ms.
  std::vector<std::string> tasks;
  // v2: the directory to be cloned into (CLONE_INTO_CGROUP).
  std::string directory;
  // v1: name of each hierarchy and the group's directory in it.
  std::vector<std::pair<std::string, std::string>> hierarchies;
  // File that counts kills for want of memory; empty without the controller.
  std::string oom_events;
};

// One group. Thread-safe: holds directory descriptors only.
class Cgroup {
 public:
  virtual ~Cgroup() = default;

  // Writes what `resources` names.
  virtual absl::Status Apply(const Resources& resources) = 0;

  // Blocks until all processes are stopped, respectively go on.
  virtual absl::Status Freeze() = 0;
  virtual absl::Status Thaw() = 0;

  // Every process in it and below.
  virtual absl::StatusOr<std::vector<int>> Processes() const = 0;

  // Sends SIGKILL to every process; again until none is left or 10 s passed.
  virtual absl::Status Kill() = 0;

  virtual Stats ReadStats() const = 0;

  // Processes killed for want of memory since it was made.
  virtual uint64_t OomKills() const = 0;
};

// All groups of this engine, below one parent.
//
// Thread-safe.
class CgroupTree {
 public:
  virtual ~CgroupTree() = default;

  virtual Version version() const = 0;

  // What can be limited here.
  virtual const Support& support() const = 0;

  // Makes the group `path` ("tug/4f1c..."), with its parents; one that exists
  // is taken over. Limits are written before anything can join.
  virtual absl::StatusOr<std::unique_ptr<Cgroup>> Create(
      const std::string& path, const Resources& resources) = 0;

  // NOT_FOUND if it does not exist.
  virtual absl::StatusOr<std::unique_ptr<Cgroup>> Open(
      const std::string& path) = 0;

  // Removes the group and all below it. Absent: OK. FAILED_PRECONDITION while
  // processes are in it.
  virtual absl::Status Remove(const std::string& path) = 0;

  // Names of the groups directly below `path`; none if it does not exist.
  virtual std::vector<std::string> Children(const std::string& path) const = 0;

  virtual Location Locate(const std::string& path) const = 0;
};

// Looks at what is mounted at /sys/fs/cgroup. On v2 inside a delegated unit
// (systemd), makes that unit the root and moves the daemons into a leaf of it.
absl::StatusOr<std::unique_ptr<CgroupTree>> OpenCgroupTree();

// Refuses paths with "..", empty parts, or anything but [A-Za-z0-9_.:-/].
absl::Status CheckCgroupPath(absl::string_view path);

}  // namespace tug::cgroup
