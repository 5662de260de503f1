// SPDX-License-Identifier: Apache-2.0
#include "lib/base/clock.h"

#include "absl/time/clock.h"

namespace tug {

absl::Time SystemClock::Now() { return absl::Now(); }

}  // namespace tug
