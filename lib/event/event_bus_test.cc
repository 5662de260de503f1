// SPDX-License-Identifier: Apache-2.0
#include "lib/event/event_bus.h"

#include <thread>

#include "absl/time/clock.h"
#include "gtest/gtest.h"
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
  for (size_t i = 0; i <= EventBus::kRingSize; ++i) bus.Publish(Named("a"));
  const auto lost = bus.Next(0, absl::InfinitePast());
  EXPECT_THAT(lost, StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(lost, HasReason("EVENTS_LOST"));
  EXPECT_THAT(bus.Next(bus.before_oldest_sequence(), absl::InfinitePast()),
              IsOk());
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
