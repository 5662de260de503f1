// SPDX-License-Identifier: Apache-2.0
#include "services/tugd/backoff.h"

#include "gtest/gtest.h"

namespace tug::tugd {
namespace {

TEST(BackoffTest, FirstRestartIsAtOnceThenPausesDoubleToTheLongest) {
  Backoff backoff;
  const absl::Duration life = absl::Milliseconds(5);
  EXPECT_EQ(backoff.PauseAfter(life), absl::ZeroDuration());
  absl::Duration expected = absl::Milliseconds(100);
  for (int i = 0; i < 12; ++i) {
    EXPECT_EQ(backoff.PauseAfter(life), std::min(expected, absl::Seconds(10)));
    expected *= 2;
  }
}

TEST(BackoffTest, HealthyLifeStartsAnew) {
  Backoff backoff;
  (void)backoff.PauseAfter(absl::ZeroDuration());
  (void)backoff.PauseAfter(absl::ZeroDuration());
  EXPECT_EQ(backoff.PauseAfter(absl::Seconds(10)), absl::ZeroDuration());
  EXPECT_EQ(backoff.PauseAfter(absl::Seconds(1)), absl::Milliseconds(100));
}

}  // namespace
}  // namespace tug::tugd
