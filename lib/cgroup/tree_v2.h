// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "lib/cgroup/cgroup.h"

namespace tug::cgroup {

// The unified hierarchy mounted at `mount_path`.
absl::StatusOr<std::unique_ptr<CgroupTree>> OpenTreeV2(
    const std::string& mount_path);

}  // namespace tug::cgroup
