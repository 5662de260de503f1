// SPDX-License-Identifier: Apache-2.0
//
// How trees are deleted behind the answer. Throw() renames one into the trash
// directory, which is quick and final; a thread of its own deletes what is
// there. The directory itself is the queue: in memory there are at most
// kMaxRemembered names, and when there were more (or when an earlier run left
// some) the thread lists the directory for the next ones.
//
// Removals take turns of kEntriesPerTurn names each, round and round, so that
// a small tree does not wait for the end of a huge one that came before it:
//
//   thrown: huge, small, medium
//   turns:  huge small(gone) medium huge medium(gone) huge huge ...
//
// What a removed name had on disk is freed by other threads (DeferredClose), so
// that waiting for a disk does not hold up the names.
//
// At most kMaxActive trees are under way. With more than kMaxWithStreams of
// them, one that waits for its turn keeps one descriptor.
//
// What cannot be deleted (something is mounted in it, it is immutable) is
// logged, left where it is, and tried again after the next start.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "lib/files/deferred_close.h"
#include "lib/files/tree_removal.h"
#include "lib/sys/unique_fd.h"

namespace tug {

// Where trees go that nobody needs any more. Thread-safe.
class Trash {
 public:
  static constexpr size_t kEntriesPerTurn = 2000;
  static constexpr size_t kMaxActive = 64;
  static constexpr size_t kMaxWithStreams = 4;
  // Names that are waited for in memory, and those that failed; 16 bytes each.
  static constexpr size_t kMaxRemembered = 4096;

  // `directory`: on the file system of what is thrown, private to this object.
  // What an earlier run left in it is deleted.
  explicit Trash(UniqueFd directory);
  // Ends after the turn under way; the rest is for the next start.
  ~Trash();

  // Moves `name` of `parent` aside. Absent: no effect.
  absl::Status Throw(int parent, const std::string& name);

  // Waits until everything thrown so far is gone, or has failed.
  void Drain();

 private:
  struct Removal {
    std::string name;
    TreeRemoval tree;
  };

  void Run();
  void Remember(std::string name) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Activate() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ListDirectory();
  void TakeTurn();

  const UniqueFd directory_;
  // The thread's own.
  DeferredClose closer_;
  std::deque<Removal> active_;
  std::set<std::string> failed_;

  absl::Mutex mutex_;
  std::deque<std::string> waiting_ ABSL_GUARDED_BY(mutex_);
  // The directory may hold names that are not in `waiting_`.
  bool unlisted_ ABSL_GUARDED_BY(mutex_) = true;
  bool working_ ABSL_GUARDED_BY(mutex_) = true;
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace tug
