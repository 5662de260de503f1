// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/work/executor.h"

#include <gtest/gtest.h>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"

namespace tug::runtimed {
namespace {

TEST(Executor, RunsInTheOrderOfTime) {
  Executor executor(1);
  absl::Notification done;
  std::string order;
  const absl::Time start = absl::Now();
  ASSERT_TRUE(executor
                  .SubmitAt(start + absl::Milliseconds(30),
                            [&] {
                              order += 'c';
                              done.Notify();
                            })
                  .ok());
  ASSERT_TRUE(
      executor.SubmitAt(start + absl::Milliseconds(15), [&] { order += 'b'; })
          .ok());
  ASSERT_TRUE(executor.Submit([&] { order += 'a'; }).ok());
  done.WaitForNotification();
  EXPECT_EQ(order, "abc");
  EXPECT_GE(absl::Now() - start, absl::Milliseconds(30));
}

TEST(Executor, StopDropsWhatWaits) {
  Executor executor(2);
  ASSERT_TRUE(executor.SubmitAt(absl::InfiniteFuture(), [] { FAIL(); }).ok());
  executor.Stop();
  EXPECT_FALSE(executor.Submit([] {}).ok());
}

}  // namespace
}  // namespace tug::runtimed
