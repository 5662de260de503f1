// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>

#include "lib/cgroup/cgroup.h"
#include "lib/cgroup/mounted.h"
#include "lib/sys/unique_fd.h"

namespace tug::cgroup {

// One hierarchy per controller (or per pair, such as cpu,cpuacct). A v2
// hierarchy mounted beside them (hybrid) is left alone: it limits nothing.
absl::StatusOr<std::unique_ptr<CgroupTree>> OpenTreeV1(
    const std::vector<MountedHierarchy>& mounted);

}  // namespace tug::cgroup
