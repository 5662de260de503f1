// SPDX-License-Identifier: Apache-2.0
#include "lib/cgroup/mounted.h"

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"

namespace tug::cgroup {
namespace {

// Super block options that are no controllers.
bool IsController(absl::string_view option) {
  static const std::set<std::string, std::less<>> kControllers = {
      "cpu",      "cpuacct", "cpuset", "memory",  "devices",
      "freezer",  "blkio",   "pids",   "net_cls", "perf_event",
      "net_prio", "hugetlb", "rdma",   "misc"};
  return kControllers.contains(option) || absl::StartsWith(option, "name=");
}

MountedHierarchy FromLine(absl::string_view mount_point, absl::string_view type,
                          absl::string_view options) {
  MountedHierarchy hierarchy;
  hierarchy.path = std::string(mount_point);
  hierarchy.v2 = type == "cgroup2";
  if (hierarchy.v2) return hierarchy;
  for (absl::string_view option : absl::StrSplit(options, ',')) {
    if (IsController(option)) hierarchy.controllers.emplace_back(option);
  }
  return hierarchy;
}

}  // namespace

std::vector<MountedHierarchy> ParseMountedHierarchies(absl::string_view text) {
  std::vector<MountedHierarchy> found;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::vector<absl::string_view> halves = absl::StrSplit(line, " - ");
    if (halves.size() != 2) continue;
    const std::vector<absl::string_view> left = absl::StrSplit(halves[0], ' ');
    const std::vector<absl::string_view> right = absl::StrSplit(halves[1], ' ');
    if (left.size() < 5 || right.size() < 3) continue;
    if (right[0] != "cgroup" && right[0] != "cgroup2") continue;
    // A bind of a subtree (as containers have) is no root to work from.
    if (left[3] != "/") continue;
    MountedHierarchy next = FromLine(left[4], right[0], right[2]);
    const bool known = std::any_of(
        found.begin(), found.end(), [&](const MountedHierarchy& other) {
          return other.v2 == next.v2 && other.controllers == next.controllers;
        });
    if (!known) found.push_back(std::move(next));
  }
  return found;
}

}  // namespace tug::cgroup
