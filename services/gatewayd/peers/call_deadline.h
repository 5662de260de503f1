// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace tug::gatewayd {

// While it lives, calls that its thread makes to services end at a time,
// however long each may take by itself. For who has another answer than theirs.
class ScopedCallDeadline {
 public:
  explicit ScopedCallDeadline(absl::Time deadline) : before_(Current()) {
    Current() = std::min(before_, deadline);
  }
  ~ScopedCallDeadline() { Current() = before_; }
  ScopedCallDeadline(const ScopedCallDeadline&) = delete;
  ScopedCallDeadline& operator=(const ScopedCallDeadline&) = delete;

  // `timeout`, or what is left if that is less.
  static absl::Duration Limit(absl::Duration timeout) {
    if (Current() == absl::InfiniteFuture()) return timeout;
    return std::clamp(Current() - absl::Now(), absl::ZeroDuration(), timeout);
  }

 private:
  static absl::Time& Current() {
    thread_local absl::Time deadline = absl::InfiniteFuture();
    return deadline;
  }

  const absl::Time before_;
};

}  // namespace tug::gatewayd
