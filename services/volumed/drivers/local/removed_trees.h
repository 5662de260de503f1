// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "lib/sys/unique_fd.h"

namespace tug::volumed {

// Deletes directory trees behind the caller: Take() renames one aside, which
// is quick and final, a thread of its own empties it. What a crash leaves is
// deleted after the next start.
//
// Thread-safe.
class RemovedTrees {
 public:
  // `directory` must be on the file system of what is removed.
  explicit RemovedTrees(UniqueFd directory);
  // Ends after the tree in work.
  ~RemovedTrees();

  // Renames `name` in `parent` away. Absent: no effect.
  absl::Status Take(int parent, const std::string& name);

  // Waits until all taken so far is deleted; for tests and shutdown.
  void Drain();

 private:
  void Run();
  void Enqueue(std::string name);

  const UniqueFd directory_;
  absl::Mutex mutex_;
  std::deque<std::string> names_ ABSL_GUARDED_BY(mutex_);
  bool working_ ABSL_GUARDED_BY(mutex_) = false;
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace tug::volumed
