// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/cgroup/cgroup.h"
#include "lib/sys/unique_fd.h"
#include "services/runtimed/shims/live_table.h"

namespace tug::runtimed {

// /proc/<pid> of the container's first process, opened with O_PATH; that of no
// other process, even where its number was given to another meanwhile.
// FAILED_PRECONDITION (CONTAINER_NOT_RUNNING) when the process has ended.
absl::StatusOr<UniqueFd> OpenProcess(const LiveContainer& live);

// A namespace ("net", "pid", "ipc") of the same process; fails alike.
absl::StatusOr<UniqueFd> OpenNamespace(const LiveContainer& live,
                                       const char* name);

// OK while the first process runs; FAILED_PRECONDITION (CONTAINER_NOT_RUNNING)
// from the moment that it ends.
absl::Status CheckAlive(const LiveContainer& live);

// Kills whatever is left in a cgroup, frozen or not. OK where there is none.
absl::Status KillCgroup(cgroup::CgroupTree& cgroups, const std::string& path);

}  // namespace tug::runtimed
