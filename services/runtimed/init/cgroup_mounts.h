// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "services/runtimed/init/context.h"

namespace tug::runtimed {

// The detached mount for /sys/fs/cgroup: cgroup2, or for v1 a small tmpfs.
long MakeCgroupMount(InitContext& context, uint64_t attributes);

// v1: binds each of the container's cgroup directories into the attached
// tmpfs, and closes it to changes. v2: nothing.
long FillCgroupMount(InitContext& context, uint64_t attributes, int mount);

}  // namespace tug::runtimed
