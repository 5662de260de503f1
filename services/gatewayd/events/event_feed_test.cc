// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/events/event_feed.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/gatewayd/events/own_events.h"
#include "services/gatewayd/translate/times.h"

namespace tug::gatewayd {
namespace {

using event::v1::Event;
using testing::ElementsAre;

Event Named(const std::string& action, absl::Time time) {
  Event event;
  event.set_action(action);
  *event.mutable_time() = ToTimestamp(time);
  return event;
}

// A service with a bus of its own; counts who watches it.
class BusSource final : public EventSource {
 public:
  explicit BusSource(std::string name) : name_(std::move(name)), own_(bus) {}

  absl::string_view service() const override { return name_; }
  absl::Status Watch(
      const event::v1::WatchRequest& request, Cancellation* cancellation,
      absl::FunctionRef<absl::Status(const Event&)> on_event) override {
    ++watches;
    return own_.Watch(request, cancellation, on_event);
  }
  absl::StatusOr<Event> Newest(absl::Duration timeout) override {
    return own_.Newest(timeout);
  }

  EventBus bus;
  std::atomic<int> watches = 0;

 private:
  const std::string name_;
  OwnEventSource own_;
};

std::vector<std::string> ActionsOf(
    const std::vector<EventFeed::EventPtr>& events) {
  std::vector<std::string> actions;
  for (const auto& event : events) actions.push_back(event->action());
  return actions;
}

TEST(EventFeedTest, KeepsEarlierEventsInOrderOfTime) {
  BusSource a("a"), b("b");
  const absl::Time day = absl::Now() - absl::Hours(24);
  a.bus.Publish(Named("1", day));
  a.bus.Publish(Named("3", day + absl::Seconds(2)));
  b.bus.Publish(Named("2", day + absl::Seconds(1)));
  Event internal = Named("settled", day);
  internal.set_internal(true);
  b.bus.Publish(internal);
  EventFeed feed({&a, &b}, {});
  feed.CatchUp();
  EventFeed::Reader reader(feed, /*keep=*/true);
  EXPECT_THAT(ActionsOf(reader.TakeKept()), ElementsAre("1", "2", "3"));
}

TEST(EventFeedTest, AReaderIsToldOfWhatComesUpToItsTime) {
  BusSource a("a"), b("b");
  EventFeed feed({&a, &b}, {});
  EventFeed::Reader reader(feed, /*keep=*/false);
  const absl::Time now = absl::Now();
  b.bus.Publish(Named("2", now + absl::Microseconds(2)));
  a.bus.Publish(Named("1", now + absl::Microseconds(1)));
  // Published, but not in the ring yet.
  const absl::Time until = now + absl::Milliseconds(1);
  std::vector<std::string> actions;
  for (;;) {
    const auto event = reader.Next(until);
    ASSERT_TRUE(event.ok());
    if (*event == nullptr) break;
    actions.push_back((*event)->action());
  }
  EXPECT_THAT(actions, ElementsAre("1", "2"));
}

// Issue 7, A10: 300 watchers held 300 threads of every service.
TEST(EventFeedTest, ManyReadersAreOneWatchOfEachService) {
  BusSource a("a");
  EventFeed feed({&a}, {});
  std::vector<std::unique_ptr<EventFeed::Reader>> readers;
  for (int i = 0; i < 1000; ++i) {
    readers.push_back(std::make_unique<EventFeed::Reader>(feed, false));
  }
  a.bus.Publish(Named("1", absl::Now()));
  for (const auto& reader : readers) {
    const auto event = reader->Next(absl::InfiniteFuture());
    ASSERT_TRUE(event.ok());
    EXPECT_EQ((*event)->action(), "1");
  }
  EXPECT_EQ(a.watches, 1);
}

// Issue 7, B2: 5 seconds once more than 4,096 events had happened.
TEST(EventFeedTest, EarlierEventsComeAtOnceHoweverManyThereWere) {
  BusSource a("a");
  const absl::Time past = absl::Now() - absl::Hours(1);
  for (int i = 0; i < 20'000; ++i) {
    a.bus.Publish(Named(absl::StrCat(i), past + absl::Microseconds(i)));
  }
  EventFeed feed({&a}, {});
  feed.CatchUp();
  const absl::Time begin = absl::Now();
  EventFeed::Reader reader(feed, /*keep=*/true);
  const auto kept = reader.TakeKept();
  EXPECT_EQ(kept.size(), EventBus::kRing.count);
  EXPECT_EQ(kept.back()->action(), "19999");
  const auto end = reader.Next(begin);
  ASSERT_TRUE(end.ok());
  EXPECT_EQ(*end, nullptr);
  EXPECT_LT(absl::Now() - begin, absl::Seconds(1));
}

TEST(EventFeedTest, AReaderThatFellBehindGoesOnWithTheOldestLeft) {
  BusSource a("a");
  EventFeed feed({&a}, {});
  EventFeed::Reader reader(feed, /*keep=*/false);
  const size_t many = EventFeed::kRing.count + 3000;
  for (size_t i = 0; i < many; ++i) {
    a.bus.Publish(Named(absl::StrCat(i), absl::Now()));
    // Not faster than the bus keeps.
    if (i % 1000 == 999) feed.CatchUp();
  }
  feed.CatchUp();
  const auto event = reader.Next(absl::InfiniteFuture());
  ASSERT_TRUE(event.ok());
  EXPECT_EQ((*event)->action(), absl::StrCat(many - EventFeed::kRing.count));
}

TEST(EventFeedTest, CancelEndsTheWait) {
  BusSource a("a");
  EventFeed feed({&a}, {});
  EventFeed::Reader reader(feed, /*keep=*/false);
  std::thread cancel([&] { reader.Cancel(); });
  EXPECT_TRUE(absl::IsCancelled(reader.Next(absl::InfiniteFuture()).status()));
  cancel.join();
}

class RecordingObserver final : public EventObserver {
 public:
  void OnEvent(const Event& event) override {
    absl::MutexLock lock(&mutex);
    seen.push_back(event.action());
  }
  void OnGap(absl::string_view, bool) override { ADD_FAILURE() << "a gap"; }

  absl::Mutex mutex;
  std::vector<std::string> seen ABSL_GUARDED_BY(mutex);
};

TEST(EventFeedTest, ObserversAreToldOfNewEventsOnly) {
  BusSource a("a");
  a.bus.Publish(Named("before", absl::Now() - absl::Seconds(1)));
  RecordingObserver observer;
  EventFeed feed({&a}, {&observer});
  feed.CatchUp();
  Event event = Named("settled", absl::Now());
  event.set_internal(true);
  a.bus.Publish(event);
  absl::MutexLock lock(&observer.mutex);
  const auto told = [&] { return !observer.seen.empty(); };
  observer.mutex.Await(absl::Condition(&told));
  EXPECT_THAT(observer.seen, ElementsAre("settled"));
}

}  // namespace
}  // namespace tug::gatewayd
