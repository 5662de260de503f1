// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace tug::gatewayd {

// One lock a container, held while a sequence of several services changes it
// (create, start, remove, connect, reconcile). Made when wanted and gone when
// nobody wants it. Thread-safe.
class ContainerLocks {
 public:
  // Unlocks when it ends; must not outlive the ContainerLocks.
  class Lock {
   public:
    Lock(Lock&& other) noexcept
        : locks_(std::exchange(other.locks_, nullptr)),
          id_(std::move(other.id_)) {}
    Lock& operator=(Lock&&) = delete;
    ~Lock() {
      if (locks_ != nullptr) locks_->Release(id_);
    }

   private:
    friend class ContainerLocks;
    Lock(ContainerLocks* locks, std::string id)
        : locks_(locks), id_(std::move(id)) {}
    ContainerLocks* locks_;
    std::string id_;
  };

  // Longer than the slowest step of a sequence may take.
  static constexpr absl::Duration kPatience = absl::Minutes(5);

  // Waits for the lock. `id`: the full id. UNAVAILABLE when another operation
  // has not ended within `patience`.
  absl::StatusOr<Lock> Acquire(const std::string& id,
                               absl::Duration patience = kPatience);
  // Absent when somebody holds it.
  std::optional<Lock> TryAcquire(const std::string& id);

 private:
  struct Entry {
    bool held = false;
    int users = 0;
  };
  void Release(const std::string& id);

  absl::Mutex mutex_;
  std::map<std::string, Entry> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tug::gatewayd
