// SPDX-License-Identifier: Apache-2.0
#include "lib/event/event_bus.h"

#include <thread>

#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "lib/event/event_size.h"
#include "lib/testing/status_matchers.h"

namespace tug {
namespace {

event::v1::Event Named(const std::string& action) {
  event::v1::Event event;
  event.set_action(action);
  return event;
}

TEST(EventBusTest, NumbersEventsAndKeepsTheirOrder) {
  EventBus bus;
  bus.Publish(Named("a"));
  bus.Publish(Named("b"));
  const auto second = bus.Next(1, absl::InfinitePast());
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->action(), "b");
  EXPECT_EQ(second->sequence(), 2);
  EXPECT_EQ(second->boot_id(), bus.boot_id());
  EXPECT_TRUE(second->has_time());
}

TEST(EventBusTest, WaitEndsWithTheNextEvent) {
  EventBus bus;
  std::thread publisher([&] { bus.Publish(Named("a")); });
  EXPECT_THAT(bus.Next(0, absl::Now() + absl::Seconds(10)), IsOk());
  publisher.join();
}

TEST(EventBusTest, SlowReaderIsTold) {
  EventBus bus;
  for (size_t i = 0; i <= EventBus::kRing.count; ++i) bus.Publish(Named("a"));
  const auto lost = bus.Next(0, absl::InfinitePast());
  EXPECT_THAT(lost, StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(lost, HasReason("EVENTS_LOST"));
  EXPECT_THAT(bus.Next(bus.before_oldest_sequence(), absl::InfinitePast()),
              IsOk());
}

// Issue 7, A2: a health check of an image with one label of 3.9 MB grew a
// service to 5.4 GB.
TEST(EventBusTest, LargeEventsAreCutAndTheRingIsBoundedInBytes) {
  EventBus bus;
  for (int i = 0; i < 2000; ++i) {
    event::v1::Event event = Named("exec_create: " + std::string(100'000, 'x'));
    for (int label = 0; label < 20; ++label) {
      (*event.mutable_attributes())["label" + std::to_string(label)] =
          std::string(8'000, 'y');
    }
    bus.Publish(std::move(event));
  }
  size_t kept = 0;
  int64_t at = bus.before_oldest_sequence();
  for (;;) {
    const auto event = bus.Next(at, absl::InfinitePast());
    if (!event.ok()) break;
    EXPECT_LE(event->ByteSizeLong(), kMaxEventBytes);
    kept += event->ByteSizeLong();
    at = event->sequence();
  }
  EXPECT_EQ(at, 2000);
  EXPECT_LE(kept, EventBus::kRing.bytes);
  EXPECT_GT(kept, EventBus::kRing.bytes / 4);
}

TEST(EventBusTest, NothingNewIsDeadlineExceededAndCloseCancels) {
  EventBus bus;
  EXPECT_THAT(bus.Next(0, absl::InfinitePast()),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  bus.Close();
  EXPECT_THAT(bus.Next(0, absl::InfiniteFuture()),
              StatusIs(absl::StatusCode::kCancelled));
}

}  // namespace
}  // namespace tug
