// SPDX-License-Identifier: Apache-2.0
//
// How a tree of a stranger is walked. The walk is depth first and keeps the
// directory stream of each level open, so that no directory is read again for
// each of its children. Only the deepest kMaxStreams levels have a stream; of
// those above, 24 bytes remain (device, inode, position). On the way back such
// a level is reached through "..", compared with what was noted, and read on.
//
//   top/a/b/c ... z   with kMaxStreams = 3, while z is being read:
//   above_: top, a, b, ... w      streams_: x, y, z
//   z is left: y is the deepest, then x. x is left: "x/.." is opened and
//   compared with above_.back() (w).
//
// Nothing is followed, and no mount is entered: a directory is opened by its
// name in an open directory with RESOLVE_NO_SYMLINKS and RESOLVE_NO_XDEV. A
// tree that somebody changes meanwhile may end the walk, but never leads it
// anywhere else.
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

namespace tug {

// Where a walk is. Not thread-safe.
class TreeWalk {
 public:
  // Most descriptors that a walk holds, each with glibc's buffer of 32 KiB.
  static constexpr size_t kMaxStreams = 32;

  // How a level goes on whose stream was closed.
  enum class Again {
    kFromTheStart,  // For who removes what was seen.
    kWhereItWas,
  };

  explicit TreeWalk(Again again) : again_(again) {}

  // Whether no level is left, or none was entered.
  bool done() const { return streams_.empty(); }
  // Levels, the entered directory included.
  size_t depth() const { return above_.size() + streams_.size(); }
  // The deepest level. Borrowed until the next Enter() or Leave().
  int directory() const { return dirfd(streams_.back().stream.get()); }

  // The next name of the deepest level other than "." and ".."; null at its
  // end. Valid until the next call.
  absl::StatusOr<const dirent*> Next();

  // Goes into the directory `name` of `parent`. FAILED_PRECONDITION where
  // something is mounted there.
  absl::Status Enter(int parent, const std::string& name);

  // What was left by Leave().
  struct Left {
    // In the level that is the deepest now; empty where it is not known,
    // because that level's stream had been closed.
    std::string name;
  };
  // Leaves the deepest level. ABORTED when it is not where it was entered.
  absl::StatusOr<Left> Leave();

  // Gives back all descriptors but one, at the price of opening directories
  // again.
  void Rest();

 private:
  struct CloseStream {
    void operator()(DIR* stream) const { closedir(stream); }
  };
  struct Level {
    std::unique_ptr<DIR, CloseStream> stream;
    dev_t device;
    ino_t inode;
    // In the level above; empty when this level was reached through "..".
    std::string name;
  };
  struct Closed {
    dev_t device;
    ino_t inode;
    long position;
  };

  static absl::StatusOr<Level> Open(int directory, const std::string& name);
  void CloseUppermost();

  Again again_;
  std::vector<Closed> above_;
  std::deque<Level> streams_;
};

}  // namespace tug
