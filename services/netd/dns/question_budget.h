// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>

#include "absl/time/time.h"

namespace tug::netd::dns {

// How much of the resolver one sandbox may take: questions gain credit with
// time, up to a second's worth, and a question costs one, a large one more.
// Above it the sandbox's sockets are not looked at for a while; what it sends
// then is lost in its own socket's buffer, at its own expense.
class QuestionBudget {
 public:
  // A question takes the resolver some 20 us: a tenth of a processor.
  static constexpr double kPerSecond = 5000;
  static constexpr double kMost = kPerSecond;
  // Bytes of a message that cost nothing more.
  static constexpr size_t kBytesOfOne = 512;
  // So long a sandbox that has used up its credit waits for more.
  static constexpr absl::Duration kPause = absl::Milliseconds(20);

  explicit QuestionBudget(absl::Time now) : counted_(now) {}

  void Spend(size_t bytes) {
    credit_ -= 1 + static_cast<double>(bytes / kBytesOfOne);
  }
  // Whether there is credit left at this time.
  bool Lasts(absl::Time now) {
    const double seconds = absl::ToDoubleSeconds(now - counted_);
    credit_ = std::min(kMost, credit_ + std::max(0.0, seconds) * kPerSecond);
    counted_ = now;
    return credit_ >= 1;
  }

 private:
  double credit_ = kMost;
  absl::Time counted_;
};

}  // namespace tug::netd::dns
