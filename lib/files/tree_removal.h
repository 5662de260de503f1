// SPDX-License-Identifier: Apache-2.0
//
// How a tree is removed. The walk is depth first and keeps the directory
// stream of each level open, so that no directory is read again for each of its
// children. Only the deepest kMaxStreams levels have a stream; of those above,
// 16 bytes remain (device and inode). On the way back such a level is reached
// through "..", compared with what was noted, and read from its beginning:
// everything that had been seen there is gone by then.
//
//   top/a/b/c ... z   with kMaxStreams = 3, while z is being emptied:
//   above_: top, a, b, ... w      streams_: x, y, z
//   z is empty: rmdir("z") in y, ..., x is empty: "x/.." is opened and compared
//   with above_.back() (w), which is read again, finds x and removes it.
//
// Nothing is followed, and no mount is entered: a directory is opened by its
// name in an open directory with RESOLVE_NO_SYMLINKS and RESOLVE_NO_XDEV. A
// tree that somebody changes meanwhile may fail to go, but never takes anything
// else with it.
#pragma once

#include <dirent.h>
#include <sys/types.h>

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/sys/unique_fd.h"

namespace tug {

// One tree on its way out, removed in pieces, so that several can take turns.
// Not thread-safe.
class TreeRemoval {
 public:
  // Most descriptors that a removal holds while it works, and each comes with
  // glibc's buffer of 32 KiB.
  static constexpr size_t kMaxStreams = 32;

  // Of `name` in the directory `parent`, which must stay open. A file is fine,
  // and so is an absent name.
  TreeRemoval(int parent, std::string name);

  // Looks at up to `entries` names. True once everything is gone.
  // FAILED_PRECONDITION where something is mounted in the tree, ABORTED when
  // directories are moved or filled meanwhile. A failure is final.
  absl::StatusOr<bool> Advance(size_t entries);

  // Gives back all descriptors but one, at the price of reading directories
  // again; for removals that wait for their turn.
  void Rest();

 private:
  struct CloseStream {
    void operator()(DIR* stream) const { closedir(stream); }
  };
  struct Identity {
    dev_t device;
    ino_t inode;
    bool operator==(const Identity&) const = default;
  };
  struct Level {
    std::unique_ptr<DIR, CloseStream> stream;
    Identity identity;
    // In the level above; empty when this level was reached through "..".
    std::string name;
  };

  static absl::StatusOr<Level> Open(int directory, const std::string& name);
  absl::StatusOr<bool> Begin();
  absl::Status RemoveEntry(const dirent& entry);
  absl::Status Descend(int directory, const std::string& name);
  absl::Status RemoveEmptied(int directory, const std::string& name);
  absl::Status Leave();
  void CloseUppermost();

  int parent_;
  std::string name_;
  bool begun_ = false;
  bool gone_ = false;
  int refilled_ = 0;
  std::vector<Identity> above_;
  std::deque<Level> streams_;
};

// Removes all of `name` in `parent` at once.
absl::Status RemoveTree(int parent, const std::string& name);

}  // namespace tug
