// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/routes/system/event_merger.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/gatewayd/routes/system/host_facts.h"
#include "services/gatewayd/translate/times.h"

namespace tug::gatewayd {
namespace {

// Plays back a ring, then waits for the end of the watch.
class PlayedSource final : public EventSource {
 public:
  PlayedSource(std::string name, std::vector<int> seconds)
      : name_(std::move(name)), seconds_(std::move(seconds)) {}

  absl::string_view service() const override { return name_; }

  absl::Status Watch(const event::v1::WatchRequest& request,
                     Cancellation* cancellation,
                     absl::FunctionRef<absl::Status(const event::v1::Event&)>
                         on_event) override {
    event::v1::Event event;
    event.set_sequence(static_cast<int64_t>(seconds_.size()));
    absl::Status status = on_event(event);
    if (request.after_sequence() >= 0) {
      for (size_t i = 0; i < seconds_.size() && status.ok(); ++i) {
        event.set_sequence(static_cast<int64_t>(i) + 1);
        event.set_action(absl::StrCat(name_, seconds_[i]));
        event.mutable_time()->set_seconds(seconds_[i]);
        event.set_internal(seconds_[i] == kInternal);
        status = on_event(event);
      }
    }
    absl::Mutex mutex;
    bool done = false;
    ScopedCancelCallback stop(cancellation, [&] {
      absl::MutexLock lock(&mutex);
      done = true;
    });
    absl::MutexLock lock(&mutex);
    mutex.Await(absl::Condition(&done));
    return status.ok() ? absl::CancelledError("over") : status;
  }

  static constexpr int kInternal = 4;

 private:
  const std::string name_;
  const std::vector<int> seconds_;
};

TEST(EventMergerTest, ReplaysInOrderOfTimeUpToUntil) {
  PlayedSource a("a", {1, 3, 4, 9});
  PlayedSource b("b", {2, 5});
  EventMerger merger({&a, &b}, /*replay=*/true);
  ASSERT_TRUE(merger.Start().ok());
  merger.AwaitWatches();
  std::vector<std::string> actions;
  for (;;) {
    const auto event = merger.Next(absl::FromUnixSeconds(6));
    ASSERT_TRUE(event.ok());
    if (!event->has_value()) break;
    actions.push_back((*event)->action());
  }
  EXPECT_THAT(actions, testing::ElementsAre("a1", "b2", "a3", "b5"));
}

TEST(EventMergerTest, WithoutReplayPastEndsAtOnce) {
  PlayedSource a("a", {1});
  EventMerger merger({&a}, /*replay=*/false);
  ASSERT_TRUE(merger.Start().ok());
  const auto event = merger.Next(absl::FromUnixSeconds(6));
  ASSERT_TRUE(event.ok());
  EXPECT_FALSE(event->has_value());
}

TEST(EventMergerTest, CancelEndsTheWait) {
  PlayedSource a("a", {});
  EventMerger merger({&a}, /*replay=*/false);
  ASSERT_TRUE(merger.Start().ok());
  std::thread cancel([&] { merger.Cancel(); });
  EXPECT_TRUE(absl::IsCancelled(merger.Next(absl::InfiniteFuture()).status()));
  cancel.join();
}

TEST(HostFactsTest, ThisMachineHasTheBasics) {
  const HostFacts facts = ReadHostFacts();
  EXPECT_FALSE(facts.kernel_version.empty());
  EXPECT_FALSE(facts.operating_system.empty());
  EXPECT_GT(facts.memory_total, 0);
  EXPECT_GT(facts.cpu_count, 0);
}

TEST(HostFactsTest, WarnsOfEveryLack) {
  HostFacts facts;
  EXPECT_THAT(HostWarnings(facts),
              testing::Contains("WARNING: No swap limit support"));
  facts.memory_limit = facts.swap_limit = facts.cpu_shares = true;
  facts.cpu_quota = facts.cpuset = facts.pids_limit = true;
  facts.ipv4_forwarding = true;
  EXPECT_TRUE(HostWarnings(facts).empty());
}

}  // namespace
}  // namespace tug::gatewayd
