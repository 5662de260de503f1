// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/time/time.h"

namespace tug {

// The time of day, replaceable in tests. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() = 0;
};

// The machine's clock.
class SystemClock final : public Clock {
 public:
  absl::Time Now() override;
};

}  // namespace tug
