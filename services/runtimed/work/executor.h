// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace tug::runtimed {

// Runs tasks on a fixed number of threads, now or at a given time.
//
// Thread-safe. The destructor lets running tasks end and drops the others.
class Executor {
 public:
  // Most tasks that wait, now or for their time.
  static constexpr size_t kMaxTasks = 65536;

  explicit Executor(int threads);
  ~Executor();

  // RESOURCE_EXHAUSTED when too many wait.
  absl::Status Submit(std::function<void()> task);
  absl::Status SubmitAt(absl::Time when, std::function<void()> task);

  // Drops what waits and joins the threads; for shutdown.
  void Stop();

 private:
  void Run();

  absl::Mutex mutex_;
  std::multimap<absl::Time, std::function<void()>> tasks_
      ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace tug::runtimed
