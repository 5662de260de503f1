// SPDX-License-Identifier: Apache-2.0
#include "lib/event/event_bus.h"

#include "absl/strings/escaping.h"
#include "absl/time/clock.h"
#include "lib/base/id.h"
#include "lib/base/status.h"
#include "lib/event/event_size.h"

namespace tug {
namespace {

constexpr size_t kBootIdBytes = 8;

void SetTime(event::v1::Event& event, absl::Time time) {
  const int64_t nanos = absl::ToUnixNanos(time);
  event.mutable_time()->set_seconds(nanos / 1'000'000'000);
  event.mutable_time()->set_nanos(static_cast<int>(nanos % 1'000'000'000));
}

}  // namespace

EventBus::EventBus()
    : boot_id_(absl::BytesToHexString(RandomBytes(kBootIdBytes))) {}

void EventBus::Publish(event::v1::Event event) {
  CutToSize(event);
  Append(std::move(event));
  WakeListeners();
}

void EventBus::Append(event::v1::Event event) {
  absl::MutexLock lock(&mutex_);
  event.set_boot_id(boot_id_);
  event.set_sequence(++newest_);
  if (!event.has_time()) SetTime(event, absl::Now());
  const size_t bytes = event.SpaceUsedLong();
  ring_.Push(std::move(event), bytes);
}

int64_t EventBus::newest_sequence() const {
  absl::MutexLock lock(&mutex_);
  return newest_;
}

int64_t EventBus::before_oldest_sequence() const {
  absl::MutexLock lock(&mutex_);
  return newest_ - static_cast<int64_t>(ring_.size());
}

absl::StatusOr<event::v1::Event> EventBus::Next(int64_t sequence,
                                                absl::Time deadline) const {
  absl::MutexLock lock(&mutex_);
  const auto ready = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return closed_ || newest_ > sequence;
  };
  if (!mutex_.AwaitWithDeadline(absl::Condition(&ready), deadline)) {
    return absl::DeadlineExceededError("no event yet");
  }
  if (closed_) return absl::CancelledError("shutting down");
  const int64_t oldest = newest_ - static_cast<int64_t>(ring_.size()) + 1;
  if (sequence + 1 < oldest) {
    return WithReason(absl::OutOfRangeError("watcher fell behind the events"),
                      "EVENTS_LOST");
  }
  return ring_[static_cast<size_t>(sequence + 1 - oldest)];
}

void EventBus::Close() {
  {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
  }
  WakeListeners();
}

void EventBus::WakeListeners() {
  absl::ReaderMutexLock lock(&listeners_mutex_);
  for (const Listener* listener : listeners_) listener->wake_();
}

EventBus::Listener::Listener(EventBus& bus, std::function<void()> wake)
    : bus_(bus), wake_(std::move(wake)) {
  absl::MutexLock lock(&bus_.listeners_mutex_);
  bus_.listeners_.insert(this);
}

EventBus::Listener::~Listener() {
  absl::MutexLock lock(&bus_.listeners_mutex_);
  bus_.listeners_.erase(this);
}

}  // namespace tug
