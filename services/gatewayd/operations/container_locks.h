// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/gatewayd/server/cancellation.h"

namespace tug::gatewayd {

// One lock a container, held while a sequence of several services changes it
// (create, start, remove, connect, reconcile). Made when wanted and gone when
// nobody wants it. Thread-safe.
class ContainerLocks {
 public:
  // Unlocks when it ends, or takes an announcement back; must not outlive the
  // ContainerLocks.
  class Lock {
   public:
    Lock(Lock&& other) noexcept
        : locks_(std::exchange(other.locks_, nullptr)),
          id_(std::move(other.id_)),
          held_(other.held_) {}
    Lock& operator=(Lock&&) = delete;
    ~Lock() {
      if (locks_ != nullptr) locks_->Release(id_, held_);
    }

   private:
    friend class ContainerLocks;
    Lock(ContainerLocks* locks, std::string id, bool held)
        : locks_(locks), id_(std::move(id)), held_(held) {}
    ContainerLocks* locks_;
    std::string id_;
    bool held_;
  };

  // Longer than the slowest step of a sequence may take.
  static constexpr absl::Duration kPatience = absl::Minutes(5);

  // Waits for the lock. `id`: the full id. UNAVAILABLE when another operation
  // has not ended within `patience`; CANCELLED when `client_gone` (may be null)
  // fires before that.
  absl::StatusOr<Lock> Acquire(const std::string& id,
                               Cancellation* client_gone = nullptr,
                               absl::Duration patience = kPatience);
  // Absent when somebody holds it, waits for it, or has announced himself.
  std::optional<Lock> TryAcquire(const std::string& id);
  // Keeps TryAcquire away and nobody else: for what is about to change the
  // container, and must not hold others up meanwhile.
  Lock Announce(const std::string& id);

 private:
  struct Entry {
    bool held = false;
    // Those who hold, wait or have announced themselves.
    int users = 0;
  };
  void Release(const std::string& id, bool held);

  absl::Mutex mutex_;
  std::map<std::string, Entry> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tug::gatewayd
