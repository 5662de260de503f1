// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "lib/sys/unique_fd.h"

namespace tug::imaged {

// Where directories go that nobody needs any more: renamed aside at once,
// deleted by a thread of its own.
//
// Thread-safe.
class Trash {
 public:
  // Makes `trash` below `state` and starts deleting what an earlier run left.
  static absl::StatusOr<std::unique_ptr<Trash>> Open(int state);
  ~Trash();

  // Moves `name` of `directory` (same file system) aside. An absent name is
  // OK.
  absl::Status Throw(int directory, const std::string& name);

  // Waits until everything thrown so far has been deleted (or has failed).
  void Drain();

 private:
  explicit Trash(UniqueFd directory);
  void Sweep();
  void SweepOnce();

  const UniqueFd directory_;
  std::atomic<uint64_t> next_ = 0;
  absl::Mutex mutex_;
  uint64_t thrown_ ABSL_GUARDED_BY(mutex_) = 1;
  uint64_t swept_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread sweeper_;
};

}  // namespace tug::imaged
