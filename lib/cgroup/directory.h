// SPDX-License-Identifier: Apache-2.0
//
// Making and removing cgroup directories below a root descriptor.
#pragma once

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "lib/sys/unique_fd.h"

namespace tug::cgroup {

// Opens `path` below `root`, making what is missing; `made` is called for each
// directory on the way with its parent's descriptor and its own.
absl::StatusOr<UniqueFd> MakeDirectories(
    int root, const std::string& path,
    absl::FunctionRef<absl::Status(int parent, int directory)> each);

absl::StatusOr<UniqueFd> OpenDirectory(int root, const std::string& path);

// rmdir of `path` and of the groups below it, deepest first. Absent: OK.
// FAILED_PRECONDITION while the kernel says busy.
absl::Status RemoveTree(int root, const std::string& path);

// Names of the groups directly below.
std::vector<std::string> ReadChildren(int directory);

// Processes of the directory and of all below.
absl::StatusOr<std::vector<int>> ReadProcessesRecursively(int directory);

// SIGKILL to all of them until none is left, for at most 10 s.
absl::Status KillRecursively(int directory);

}  // namespace tug::cgroup
