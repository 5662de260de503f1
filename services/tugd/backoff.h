// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/time/time.h"

namespace tug::tugd {

// When a service that ended is started again: at once the first time, then
// after pauses that double, until it has lived long enough again.
class Backoff {
 public:
  static constexpr absl::Duration kFirst = absl::Milliseconds(100);
  static constexpr absl::Duration kLongest = absl::Seconds(10);
  // A service that lived so long is healthy.
  static constexpr absl::Duration kHealthyLife = absl::Seconds(10);

  // The pause after a process that lived for `life`.
  absl::Duration PauseAfter(absl::Duration life);

 private:
  absl::Duration next_ = absl::ZeroDuration();
};

}  // namespace tug::tugd
