// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/server/cancellation.h"

#include <utility>

namespace tug::gatewayd {

void Cancellation::Cancel() {
  std::map<int64_t, std::function<void()>> callbacks;
  {
    absl::MutexLock lock(&mutex_);
    if (cancelled_) return;
    cancelled_ = true;
    running_ = true;
    callbacks.swap(callbacks_);
  }
  for (auto& [registration, callback] : callbacks) callback();
  absl::MutexLock lock(&mutex_);
  running_ = false;
}

bool Cancellation::cancelled() const {
  absl::MutexLock lock(&mutex_);
  return cancelled_;
}

int64_t Cancellation::Add(std::function<void()> callback) {
  {
    absl::MutexLock lock(&mutex_);
    if (!cancelled_) {
      callbacks_.emplace(next_, std::move(callback));
      return next_++;
    }
  }
  callback();
  return 0;
}

void Cancellation::Remove(int64_t registration) {
  absl::MutexLock lock(&mutex_);
  // A running Cancel() may be inside the callback: wait until it has left.
  const auto idle = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return !running_;
  };
  mutex_.Await(absl::Condition(&idle));
  callbacks_.erase(registration);
}

}  // namespace tug::gatewayd
