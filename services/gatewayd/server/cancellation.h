// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>

#include "absl/synchronization/mutex.h"

namespace tug::gatewayd {

// Tells running calls that nobody waits for their result any more. Fires at
// most once. Thread-safe.
class Cancellation {
 public:
  // Runs what has been registered, on this thread.
  void Cancel();
  bool cancelled() const;

  // Runs `callback` at Cancel(), or at once when that has been. The answer
  // names the registration for Remove(); 0 when it already ran.
  int64_t Add(std::function<void()> callback);
  // After its return the callback neither runs nor will run. Must not be called
  // from inside the callback.
  void Remove(int64_t registration);

 private:
  mutable absl::Mutex mutex_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  bool running_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t next_ ABSL_GUARDED_BY(mutex_) = 1;
  std::map<int64_t, std::function<void()>> callbacks_ ABSL_GUARDED_BY(mutex_);
};

// Registers for the length of a scope. `cancellation` may be null.
class ScopedCancelCallback {
 public:
  ScopedCancelCallback(Cancellation* cancellation,
                       std::function<void()> callback)
      : cancellation_(cancellation),
        registration_(cancellation ? cancellation->Add(std::move(callback))
                                   : 0) {}
  ~ScopedCancelCallback() {
    if (cancellation_ != nullptr) cancellation_->Remove(registration_);
  }
  ScopedCancelCallback(const ScopedCancelCallback&) = delete;
  ScopedCancelCallback& operator=(const ScopedCancelCallback&) = delete;

 private:
  Cancellation* const cancellation_;
  const int64_t registration_;
};

}  // namespace tug::gatewayd
