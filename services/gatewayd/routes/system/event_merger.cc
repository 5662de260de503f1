// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/routes/system/event_merger.h"

#include <algorithm>
#include <utility>

#include "lib/base/status_macros.h"
#include "services/gatewayd/translate/times.h"

namespace tug::gatewayd {

using event::v1::Event;

bool EventMerger::Later::operator()(const Event& a, const Event& b) const {
  const absl::Time time_a = ToTime(a.time());
  const absl::Time time_b = ToTime(b.time());
  if (time_a != time_b) return time_a > time_b;
  return a.sequence() > b.sequence();
}

EventMerger::EventMerger(const std::vector<EventSource*>& sources, bool replay)
    : replay_(replay), started_(absl::Now()) {
  for (EventSource* source : sources) {
    Watch& watch = watches_.emplace_back();
    watch.source = source;
    watch.sequence = replay ? 0 : -1;
  }
}

absl::Status EventMerger::Start() {
  for (Watch& watch : watches_) {
    ASSIGN_OR_RETURN(watch.thread,
                     Thread::Start([this, &watch] { Run(watch); }));
  }
  return absl::OkStatus();
}

EventMerger::~EventMerger() {
  Cancel();
  for (Watch& watch : watches_) watch.thread.Join();
}

void EventMerger::Cancel() {
  {
    absl::MutexLock lock(&mutex_);
    cancelled_ = true;
    changed_.SignalAll();
  }
  cancellation_.Cancel();
}

bool EventMerger::HasRoom() const {
  return cancelled_ || waiting_.size() < kMaxWaitingEvents;
}

void EventMerger::Run(Watch& watch) {
  for (;;) {
    event::v1::WatchRequest request;
    {
      absl::MutexLock lock(&mutex_);
      if (cancelled_) return;
      request.set_after_sequence(watch.sequence);
      request.set_boot_id(watch.boot_id);
    }
    const absl::Status ended = watch.source->Watch(
        request, &cancellation_,
        [&](const Event& event) { return Take(watch, event); });
    absl::MutexLock lock(&mutex_);
    if (absl::IsOutOfRange(ended)) watch.sequence = -1;
    const absl::Time again = absl::Now() + kEventRetry;
    while (!cancelled_ && !changed_.WaitWithDeadline(&mutex_, again)) {
    }
  }
}

absl::Status EventMerger::Take(Watch& watch, const Event& event) {
  absl::MutexLock lock(&mutex_);
  while (!HasRoom()) changed_.Wait(&mutex_);
  if (cancelled_) return absl::CancelledError("nobody reads the events");
  watch.boot_id = event.boot_id();
  if (event.action().empty()) {
    // The greeting: what is older than it belongs to the replay.
    if (watch.newest_at_start < 0) watch.newest_at_start = event.sequence();
    if (watch.sequence < 0) watch.sequence = event.sequence();
  } else {
    watch.sequence = event.sequence();
    if (!event.internal()) waiting_.push(event);
  }
  changed_.SignalAll();
  return absl::OkStatus();
}

bool EventMerger::AllWatched() const {
  return std::all_of(watches_.begin(), watches_.end(), [](const Watch& watch) {
    return watch.newest_at_start >= 0;
  });
}

void EventMerger::AwaitWatches() {
  absl::MutexLock lock(&mutex_);
  const absl::Time deadline = started_ + kWatchPatience;
  while (!cancelled_ && !AllWatched()) {
    if (changed_.WaitWithDeadline(&mutex_, deadline)) return;
  }
}

bool EventMerger::ReplayDone() const {
  if (!replay_ || absl::Now() > started_ + kReplayPatience) return true;
  return std::all_of(watches_.begin(), watches_.end(), [](const Watch& watch) {
    return watch.newest_at_start >= 0 &&
           watch.sequence >= watch.newest_at_start;
  });
}

absl::Time EventMerger::HeadReady() const {
  if (waiting_.empty()) return absl::InfiniteFuture();
  const absl::Time ready = ToTime(waiting_.top().time()) + kEventHoldBack;
  if (ReplayDone()) return ready;
  return std::max(ready, absl::Now() + kEventHoldBack);
}

absl::StatusOr<std::optional<Event>> EventMerger::Next(absl::Time until) {
  absl::MutexLock lock(&mutex_);
  for (;;) {
    if (cancelled_) return absl::CancelledError("the watch has ended");
    const absl::Time now = absl::Now();
    const absl::Time ready = HeadReady();
    if (ready <= now) {
      Event event = waiting_.top();
      if (ToTime(event.time()) > until) return std::optional<Event>();
      waiting_.pop();
      changed_.SignalAll();
      return std::optional<Event>(std::move(event));
    }
    const absl::Time end = until + kEventHoldBack;
    if (waiting_.empty() && now > end && ReplayDone()) {
      return std::optional<Event>();
    }
    // Wakes for the head, for the end, and while a replay goes on, to notice
    // when patience is over.
    absl::Time wake = std::min(ready, end);
    if (wake <= now) wake = now + kEventHoldBack;
    changed_.WaitWithDeadline(&mutex_, wake);
  }
}

}  // namespace tug::gatewayd
