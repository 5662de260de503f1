// SPDX-License-Identifier: Apache-2.0
#include "services/tugd/backoff.h"

#include <algorithm>

namespace tug::tugd {

absl::Duration Backoff::PauseAfter(absl::Duration life) {
  if (life >= kHealthyLife) next_ = absl::ZeroDuration();
  const absl::Duration pause = next_;
  next_ = std::clamp(next_ * 2, kFirst, kLongest);
  return pause;
}

}  // namespace tug::tugd
