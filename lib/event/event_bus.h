// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "lib/base/byte_budget.h"
#include "proto/tug/event/v1/event.pb.h"

namespace tug {

// The events of one service: a bounded ring that any number of readers follow
// at their own pace. A reader that falls behind the ring is told so; it never
// holds up a publisher.
//
// What an event carries is sized by whoever named or labelled its noun, so it
// is cut to the bounds of event_size.h, and the ring is bounded by bytes.
//
// Thread-safe.
class EventBus {
 public:
  // Newest events kept for readers, as they lie in memory.
  static constexpr Bounds kRing = {.count = 4096, .bytes = 8 << 20};

  EventBus();

  // Cuts the event to its bounds, fills in boot id, sequence and (when absent)
  // time, and wakes the readers.
  void Publish(event::v1::Event event);

  const std::string& boot_id() const { return boot_id_; }

  // Sequence of the newest event; 0 before the first.
  int64_t newest_sequence() const;

  // The event after `sequence`, waiting until `deadline` for it.
  // DEADLINE_EXCEEDED if none came, OUT_OF_RANGE (EVENTS_LOST) if it has left
  // the ring, CANCELLED after Close().
  absl::StatusOr<event::v1::Event> Next(int64_t sequence,
                                        absl::Time deadline) const;

  // Sequence before the oldest event kept.
  int64_t before_oldest_sequence() const;

  // Ends all waits; for shutdown.
  void Close();

  // Has a function run whenever there may be another event, or the bus has
  // closed: for readers without a thread of their own, who then ask Next()
  // without waiting. It runs on the publisher's thread and must not block.
  class Listener {
   public:
    Listener(EventBus& bus, std::function<void()> wake);
    // Waits for a run of the function.
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

   private:
    friend class EventBus;
    EventBus& bus_;
    const std::function<void()> wake_;
  };

 private:
  void Append(event::v1::Event event);
  void WakeListeners();

  const std::string boot_id_;
  mutable absl::Mutex mutex_;
  ByteRing<event::v1::Event> ring_ ABSL_GUARDED_BY(mutex_){kRing};
  int64_t newest_ ABSL_GUARDED_BY(mutex_) = 0;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  // Held, shared, while listeners run; never taken under `mutex_`.
  absl::Mutex listeners_mutex_;
  std::set<Listener*> listeners_ ABSL_GUARDED_BY(listeners_mutex_);
};

}  // namespace tug
