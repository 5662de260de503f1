// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <memory>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/netd/namespaces/network_namespace.h"

namespace tug::netd {

// Namespaces made ahead by one thread. What is taken never comes back: a
// namespace that held a container is not used again.
//
// Thread-safe.
class NamespacePool {
 public:
  // Longest wait for a namespace when none is ready.
  static constexpr absl::Duration kPatience = absl::Seconds(10);
  // Pause after a failure to make one.
  static constexpr absl::Duration kRetry = absl::Seconds(1);
  static constexpr size_t kMaxSize = 256;
  // To make one contends with what the taker of another does next: while
  // there are some left, it waits until nobody has taken one for so long; and
  // longer while the shelf is at least half full.
  static constexpr absl::Duration kBreath = absl::Milliseconds(3);
  static constexpr absl::Duration kQuiet = absl::Milliseconds(20);

  struct Sizes {
    size_t with_interface = 8;
    size_t bare = 2;
  };
  static std::unique_ptr<NamespacePool> Start(const Sizes& sizes);
  ~NamespacePool();

  // With a veth pair, or with loopback only. UNAVAILABLE
  // (NAMESPACES_EXHAUSTED) tells why none could be made.
  absl::StatusOr<ReadyNamespace> Take(bool with_interface);

 private:
  struct Shelf {
    std::deque<ReadyNamespace> ready;
    size_t size = 0;
    // Takers that wait.
    size_t wanted = 0;
  };
  explicit NamespacePool(const Sizes& sizes);
  void Run();
  // The shelf that needs one most; null if none does.
  Shelf* Neediest() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool IsFull() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  absl::Mutex mutex_;
  Shelf with_interface_ ABSL_GUARDED_BY(mutex_);
  Shelf bare_ ABSL_GUARDED_BY(mutex_);
  absl::Time last_taken_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  absl::Status last_failure_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace tug::netd
