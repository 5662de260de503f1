// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/events/event_feed.h"

#include <algorithm>
#include <map>

#include "absl/time/clock.h"
#include "services/gatewayd/translate/times.h"

namespace tug::gatewayd {

using event::v1::Event;

bool EventFeed::Later::operator()(const EventPtr& a, const EventPtr& b) const {
  const absl::Time time_a = ToTime(a->time());
  const absl::Time time_b = ToTime(b->time());
  if (time_a != time_b) return time_a > time_b;
  return a->sequence() > b->sequence();
}

EventFeed::EventFeed(std::vector<EventSource*> sources,
                     std::vector<EventObserver*> observers)
    : observers_(std::move(observers)), started_(absl::Now()) {
  for (EventSource* source : sources) {
    Watch& watch = watches_.emplace_back();
    watch.source = source;
  }
  for (Watch& watch : watches_) {
    watch.thread = std::thread([this, &watch] { WatchLoop(watch); });
  }
  merger_ = std::thread([this] { Merge(); });
}

EventFeed::~EventFeed() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    changed_.SignalAll();
  }
  stop_.Cancel();
  for (Watch& watch : watches_) watch.thread.join();
  merger_.join();
}

void EventFeed::WatchLoop(Watch& watch) {
  for (;;) {
    event::v1::WatchRequest request;
    {
      absl::MutexLock lock(&mutex_);
      if (stopping_) return;
      request.set_after_sequence(watch.sequence);
      request.set_boot_id(watch.boot_id);
    }
    const absl::Status ended = watch.source->Watch(
        request, &stop_,
        [&](const Event& event) { return Take(watch, event); });
    const bool lost = absl::IsOutOfRange(ended);
    if (lost) {
      for (EventObserver* observer : observers_) {
        observer->OnGap(watch.source->service(), /*lost=*/true);
      }
    }
    absl::MutexLock lock(&mutex_);
    if (lost) watch.sequence = -1;
    const absl::Time again = absl::Now() + kRetry;
    while (!stopping_ && absl::Now() < again) {
      changed_.WaitWithDeadline(&mutex_, again);
    }
  }
}

absl::Status EventFeed::Take(Watch& watch, const Event& event) {
  const bool greeting = event.action().empty();
  auto shared = std::make_shared<const Event>(event);
  const size_t bytes = shared->SpaceUsedLong();
  bool new_life = false;
  bool from_before = false;
  {
    absl::MutexLock lock(&mutex_);
    while (!stopping_ && !held_back_.Fits(bytes) && !waiting_.empty()) {
      changed_.Wait(&mutex_);
    }
    if (stopping_) return absl::CancelledError("the feed ends");
    new_life = !watch.boot_id.empty() && watch.boot_id != event.boot_id();
    watch.boot_id = event.boot_id();
    if (new_life) watch.sequence = 0;
    if (greeting) {
      if (watch.sequence < 0) watch.sequence = event.sequence();
      if (watch.newest_at_start < 0) watch.newest_at_start = event.sequence();
    } else {
      watch.sequence = event.sequence();
      from_before = event.sequence() <= watch.newest_at_start;
    }
    if (new_life) watch.newest_at_start = 0;
    if (!greeting && !event.internal()) {
      held_back_.Take(bytes);
      waiting_.push(std::move(shared));
    }
    changed_.SignalAll();
  }
  for (EventObserver* observer : observers_) {
    if (new_life) observer->OnGap(watch.source->service(), /*lost=*/false);
    if (!greeting && !from_before) observer->OnEvent(event);
  }
  return absl::OkStatus();
}

bool EventFeed::AllBegun() const {
  return std::all_of(watches_.begin(), watches_.end(), [](const Watch& watch) {
    return watch.newest_at_start >= 0 &&
           watch.sequence >= watch.newest_at_start;
  });
}

void EventFeed::Merge() {
  absl::MutexLock lock(&mutex_);
  while (!stopping_) {
    if (waiting_.empty()) {
      changed_.Wait(&mutex_);
      continue;
    }
    const absl::Time now = absl::Now();
    absl::Time due = ToTime(waiting_.top()->time()) + kHoldBack;
    // Of a clock that was set back: nothing older can be told from it.
    if (due > now + kHoldBack) due = now;
    // At the beginning all wait for what the services have kept.
    if (!AllBegun()) due = std::max(due, started_ + kPatience);
    if (due > now) {
      changed_.WaitWithDeadline(&mutex_, due);
      continue;
    }
    EventPtr event = waiting_.top();
    waiting_.pop();
    held_back_.Give(event->SpaceUsedLong());
    Publish(std::move(event));
  }
}

void EventFeed::Publish(EventPtr event) {
  const size_t bytes = event->SpaceUsedLong();
  ring_.Push(std::move(event), bytes);
  ++total_;
  for (Reader* reader : readers_) reader->changed_.Signal();
  changed_.SignalAll();
}

void EventFeed::CatchUp() {
  const absl::Time asked = absl::Now();
  const absl::Time patience = asked + kPatience;
  std::map<const Watch*, Event> greetings;
  for (const Watch& watch : watches_) {
    const auto newest = watch.source->Newest(
        std::max(patience - absl::Now(), absl::Milliseconds(1)));
    if (newest.ok()) greetings[&watch] = *newest;
  }
  absl::MutexLock lock(&mutex_);
  const auto has = [](const Watch& watch, const Event& greeting) {
    return watch.boot_id == greeting.boot_id() &&
           watch.sequence >= greeting.sequence();
  };
  const auto all_here = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    for (const auto& [watch, greeting] : greetings) {
      if (!has(*watch, greeting)) return false;
    }
    return waiting_.empty() || ToTime(waiting_.top()->time()) > asked;
  };
  while (!stopping_ && !all_here() && absl::Now() < patience) {
    changed_.WaitWithDeadline(&mutex_, patience);
  }
}

EventFeed::Reader::Reader(EventFeed& feed, bool keep) : feed_(feed) {
  absl::MutexLock lock(&feed_.mutex_);
  const absl::Time patience = feed_.started_ + kPatience;
  while (!feed_.stopping_ && !feed_.AllBegun() && absl::Now() < patience) {
    feed_.changed_.WaitWithDeadline(&feed_.mutex_, patience);
  }
  for (size_t i = 0; keep && i < feed_.ring_.size(); ++i) {
    kept_.push_back(feed_.ring_[i]);
  }
  // Services that were away come late.
  std::stable_sort(kept_.begin(), kept_.end(),
                   [](const EventPtr& a, const EventPtr& b) {
                     return ToTime(a->time()) < ToTime(b->time());
                   });
  next_ = feed_.total_;
  feed_.readers_.insert(this);
}

EventFeed::Reader::~Reader() {
  absl::MutexLock lock(&feed_.mutex_);
  feed_.readers_.erase(this);
}

void EventFeed::Reader::Cancel() {
  absl::MutexLock lock(&feed_.mutex_);
  cancelled_ = true;
  changed_.Signal();
}

absl::StatusOr<EventFeed::EventPtr> EventFeed::Reader::Next(absl::Time until) {
  for (;;) {
    {
      absl::MutexLock lock(&feed_.mutex_);
      for (;;) {
        if (cancelled_) return absl::CancelledError("the watch has ended");
        if (next_ < feed_.total_) {
          const uint64_t oldest = feed_.total_ - feed_.ring_.size();
          next_ = std::max(next_, oldest);
          EventPtr event = feed_.ring_[next_ - oldest];
          if (ToTime(event->time()) > until) return EventPtr();
          ++next_;
          return event;
        }
        if (absl::Now() >= until) break;
        changed_.WaitWithDeadline(&feed_.mutex_, until);
      }
      if (caught_up_) return EventPtr();
    }
    feed_.CatchUp();
    caught_up_ = true;
  }
}

}  // namespace tug::gatewayd
