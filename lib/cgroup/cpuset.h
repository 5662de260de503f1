// SPDX-License-Identifier: Apache-2.0
//
// The cpuset controller.
#pragma once

#include "absl/status/status.h"
#include "lib/cgroup/resources.h"

namespace tug::cgroup {

// v1: a new cpuset is empty, and nothing may join it before both lists are
// set; fills them from `parent`.
absl::Status InheritCpusetV1(int parent, int directory);

// The same files on v1 and v2.
absl::Status ApplyCpuset(int directory, const Resources& resources);

}  // namespace tug::cgroup
