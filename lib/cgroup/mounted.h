// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace tug::cgroup {

// One mounted cgroup hierarchy.
struct MountedHierarchy {
  std::string path;
  bool v2 = false;
  // "memory", or "name=systemd"; empty for v2.
  std::vector<std::string> controllers;
};

// Reads the text of /proc/<pid>/mountinfo. The first mount of a hierarchy
// counts.
std::vector<MountedHierarchy> ParseMountedHierarchies(absl::string_view text);

}  // namespace tug::cgroup
