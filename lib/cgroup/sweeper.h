// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <string>
#include <thread>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "lib/cgroup/cgroup.h"

namespace tug::cgroup {

// Removes groups in the background, off every request's path; those that are
// still busy are tried again with growing pauses.
//
// Thread-safe. The destructor tries what is left once more.
class CgroupSweeper {
 public:
  // `tree` must outlive the sweeper.
  explicit CgroupSweeper(CgroupTree& tree);
  ~CgroupSweeper();

  // Removes `path`; the processes in it have ended, or are killed first.
  void Sweep(std::string path);

  // Takes `path` back, because it is to be used again; waits for a removal
  // that is under way.
  void Forget(const std::string& path);

  // Whether nothing waits to be removed.
  bool idle();

 private:
  struct Entry {
    std::string path;
    absl::Time due;
    absl::Duration pause;
  };
  void Run();
  bool TryRemove(const std::string& path);

  CgroupTree& tree_;
  absl::Mutex mutex_;
  std::deque<Entry> entries_ ABSL_GUARDED_BY(mutex_);
  // The one that is being removed.
  std::string current_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace tug::cgroup
