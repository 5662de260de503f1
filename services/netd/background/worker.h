// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace tug::netd {

// One thread that runs jobs in order.
//
// Thread-safe. The destructor runs what is queued.
class Worker {
 public:
  // A job beyond these runs in the caller's thread, so that a flood slows down
  // its source.
  static constexpr size_t kMaxQueued = 4096;

  Worker();
  ~Worker();

  void Add(std::function<void()> job);

  // Runs `job` after `delay`, or never if the worker ends before. Dropped
  // beyond kMaxQueued.
  void AddLater(absl::Duration delay, std::function<void()> job);

  // Waits until all jobs that are due have run.
  void Drain();

 private:
  void Run();

  absl::Mutex mutex_;
  std::deque<std::function<void()>> jobs_ ABSL_GUARDED_BY(mutex_);
  std::multimap<absl::Time, std::function<void()>> later_
      ABSL_GUARDED_BY(mutex_);
  bool busy_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace tug::netd
