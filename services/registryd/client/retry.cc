// SPDX-License-Identifier: Apache-2.0
#include "services/registryd/client/retry.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "services/registryd/client/registry_error.h"

namespace tug::registryd {
namespace {

// How soon a cancelled caller is noticed during a pause.
constexpr absl::Duration kPollInterval = absl::Milliseconds(100);

bool IsTemporary(const HttpResult& result) {
  if (result.failure == Failure::kBroken) return true;
  if (result.failure != Failure::kNone) return false;
  return result.status == 500 || result.status == 502 || result.status == 503 ||
         result.status == 504;
}

}  // namespace

absl::Duration PauseBefore(int attempt, const HttpResult& result) {
  const absl::Duration never = absl::Seconds(-1);
  const bool limited = result.failure == Failure::kNone && result.status == 429;
  if (attempt >= kMaxAttempts || !(IsTemporary(result) || limited)) {
    return never;
  }
  const int asked = RetryAfterSeconds(result);
  if (asked >= 0) {
    return absl::Seconds(asked) <= kMaxRetryAfter ? absl::Seconds(asked)
                                                  : never;
  }
  return limited ? never : kFirstPause * (1 << (attempt - 1));
}

bool Retry::Again(const HttpResult& result) {
  const absl::Duration pause = PauseBefore(++attempts_, result);
  return pause >= absl::ZeroDuration() && Pause(pause);
}

bool Retry::Pause(absl::Duration pause) {
  const absl::Time end = absl::Now() + pause;
  while (!(cancelled_ && cancelled_())) {
    const absl::Duration left = end - absl::Now();
    if (left <= absl::ZeroDuration()) return true;
    absl::SleepFor(std::min(left, kPollInterval));
  }
  return false;
}

}  // namespace tug::registryd
