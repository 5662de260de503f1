// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "absl/time/time.h"
#include "services/registryd/client/http_exchange.h"

namespace tug::registryd {

// Attempts in a row that may fail without a byte of progress.
inline constexpr int kMaxAttempts = 5;
inline constexpr absl::Duration kFirstPause = absl::Milliseconds(250);
// A registry that asks for a longer pause gets none; the caller is told.
inline constexpr absl::Duration kMaxRetryAfter = absl::Seconds(15);

// Decides whether and when a failed exchange is tried again. One per
// operation; not thread-safe.
class Retry {
 public:
  explicit Retry(std::function<bool()> cancelled)
      : cancelled_(std::move(cancelled)) {}

  // After a failure: true once the pause before the next attempt is over.
  // False if trying again is pointless, too often, or cancelled.
  bool Again(const HttpResult& result);

  // Something was received: start counting anew.
  void Progressed() { attempts_ = 0; }

 private:
  bool Pause(absl::Duration pause);

  std::function<bool()> cancelled_;
  int attempts_ = 0;
};

// Pause that `result` asks for before attempt number `attempt` (from 1);
// negative if it shall not be tried again.
absl::Duration PauseBefore(int attempt, const HttpResult& result);

}  // namespace tug::registryd
