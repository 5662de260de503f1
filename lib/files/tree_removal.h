// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dirent.h>

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/files/deferred_close.h"
#include "lib/files/tree_walk.h"
#include "lib/sys/unique_fd.h"

namespace tug {

// One tree on its way out, removed in pieces, so that several can take turns.
// It takes time in proportion to its names, and descriptors and memory that do
// not depend on it (TreeWalk).
//
// Under Landlock the kernel looks at all directories above a name for each call
// that takes one, so that a chain of directories costs the square of its
// length. kFlatten moves what lies deeper than kFlattenBelow levels up into the
// tree's top directory, where the walk comes upon it again:
//
//   top/1/2/.../128/129/...   ->   top/1/2/.../128 and top/moved-0/...
//
// Not thread-safe.
class TreeRemoval {
 public:
  enum class Deep { kWalk, kFlatten };
  static constexpr size_t kFlattenBelow = 128;

  // Of `name` in the directory `parent`, which must stay open. A file is fine,
  // and so is an absent name. With `closer`, which must outlive this, several
  // names are freed at once.
  TreeRemoval(int parent, std::string name, Deep deep,
              DeferredClose* closer = nullptr);

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
  bool MoveUp(int directory, const char* name);
  absl::Status RemoveEmptied(int directory, const std::string& name,
                             UniqueFd held);
  UniqueFd Hold(int directory, const char* name) const;
  void Release(UniqueFd held);
  absl::Status Leave();

  int parent_;
  std::string name_;
  Deep deep_;
  DeferredClose* closer_;
  // The tree's own directory; open while deep ones are moved there.
  UniqueFd top_;
  size_t moved_ = 0;
  size_t moved_before_pass_ = 0;
  bool begun_ = false;
  bool gone_ = false;
  int refilled_ = 0;
  TreeWalk walk_{TreeWalk::Again::kFromTheStart};
};

// Removes all of `name` in `parent` at once.
absl::Status RemoveTree(int parent, const std::string& name);

}  // namespace tug
