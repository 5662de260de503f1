// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/stats/stats_feed.h"

#include <atomic>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"

namespace tug::runtimed {
namespace {

using Sample = StatsFeed::Sample;

TEST(StatsFeedTest, ManyWatchersShareASample) {
  std::atomic<int> samples = 0;
  constexpr int kWatchers = 1000;
  absl::BlockingCounter told(kWatchers);
  StatsFeed feed([&](const std::string& id) -> absl::StatusOr<Sample> {
    ++samples;
    Sample sample;
    sample.set_id(id);
    return sample;
  });
  for (int i = 0; i < kWatchers; ++i) {
    feed.Watch("c", [&](const absl::StatusOr<Sample>& sample) {
      EXPECT_EQ(sample->id(), "c");
      told.DecrementCount();
      return false;
    });
  }
  told.Wait();
  EXPECT_LT(samples, kWatchers / 10);
}

TEST(StatsFeedTest, GoesOnUntilRefused) {
  StatsFeed feed([](const std::string&) { return Sample(); });
  absl::Notification third;
  int count = 0;
  const absl::Time begin = absl::Now();
  feed.Watch("c", [&](const absl::StatusOr<Sample>&) {
    if (++count < 3) return true;
    third.Notify();
    return false;
  });
  third.WaitForNotification();
  EXPECT_GE(absl::Now() - begin, 2 * StatsFeed::kInterval);
}

TEST(StatsFeedTest, AnErrorIsTheLast) {
  StatsFeed feed([](const std::string&) -> absl::StatusOr<Sample> {
    return absl::NotFoundError("gone");
  });
  absl::Notification told;
  feed.Watch("c", [&](const absl::StatusOr<Sample>& sample) {
    EXPECT_TRUE(absl::IsNotFound(sample.status()));
    told.Notify();  // A second call would end the test.
    return true;
  });
  told.WaitForNotification();
}

TEST(StatsFeedTest, AWatcherMayCancelItself) {
  StatsFeed feed([](const std::string&) { return Sample(); });
  absl::Notification told;
  std::atomic<StatsFeed::WatchId> id = 0;
  id = feed.Watch("c", [&](const absl::StatusOr<Sample>&) {
    feed.Cancel(id);
    told.Notify();
    return true;
  });
  told.WaitForNotification();
}

}  // namespace
}  // namespace tug::runtimed
