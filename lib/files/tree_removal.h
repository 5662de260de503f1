// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dirent.h>

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/files/tree_walk.h"

namespace tug {

// One tree on its way out, removed in pieces, so that several can take turns.
// It takes time in proportion to its names, and descriptors and memory that do
// not depend on it (TreeWalk). Not thread-safe.
class TreeRemoval {
 public:
  // Of `name` in the directory `parent`, which must stay open. A file is fine,
  // and so is an absent name.
  TreeRemoval(int parent, std::string name);

  // Looks at up to `entries` names. True once everything is gone.
  // FAILED_PRECONDITION where something is mounted in the tree, ABORTED when
  // directories are moved or filled meanwhile. A failure is final.
  absl::StatusOr<bool> Advance(size_t entries);

  // Gives back all descriptors but one; for removals that wait for their turn.
  void Rest() { walk_.Rest(); }

 private:
  absl::StatusOr<bool> Begin();
  absl::Status RemoveEntry(const dirent& entry);
  absl::Status Descend(int directory, const std::string& name);
  absl::Status RemoveEmptied(int directory, const std::string& name);
  absl::Status Leave();

  int parent_;
  std::string name_;
  bool begun_ = false;
  bool gone_ = false;
  int refilled_ = 0;
  TreeWalk walk_{TreeWalk::Again::kFromTheStart};
};

// Removes all of `name` in `parent` at once.
absl::Status RemoveTree(int parent, const std::string& name);

}  // namespace tug
