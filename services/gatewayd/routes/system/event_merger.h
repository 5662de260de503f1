// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "lib/base/thread.h"
#include "proto/tug/event/v1/event.pb.h"
#include "services/gatewayd/peers/event_source.h"
#include "services/gatewayd/server/cancellation.h"

namespace tug::gatewayd {

// How long an event waits for older ones of other services.
inline constexpr absl::Duration kEventHoldBack = absl::Milliseconds(20);
// Most events that wait for one slow client; then its sources wait.
inline constexpr size_t kMaxWaitingEvents = 4096;
// How long a service that does not answer may hold up the end of a replay.
inline constexpr absl::Duration kReplayPatience = absl::Seconds(5);
// How long the start of a stream waits for services that do not answer.
inline constexpr absl::Duration kWatchPatience = absl::Seconds(1);
// Pause before a service that went away is watched again.
inline constexpr absl::Duration kEventRetry = absl::Milliseconds(200);

// The events of all services as one stream, in order of time. One thread a
// service; a service that is away is watched again from where it stopped.
//
// Next() is for one thread.
class EventMerger {
 public:
  // `replay`: begin with the oldest events kept, else with new ones.
  EventMerger(const std::vector<EventSource*>& sources, bool replay);
  // Ends the watches.
  ~EventMerger();
  EventMerger(const EventMerger&) = delete;
  EventMerger& operator=(const EventMerger&) = delete;

  // Begins to watch; first. RESOURCE_EXHAUSTED when there is no thread for it.
  absl::Status Start();

  // Blocks until every service that answers is being watched: what happens
  // after that is not missed.
  void AwaitWatches();

  // The next event for users. Blocks. nullopt once no event up to `until` can
  // come any more; CANCELLED after Cancel().
  absl::StatusOr<std::optional<event::v1::Event>> Next(absl::Time until);

  // Ends Next() and the watches. Thread-safe.
  void Cancel();

 private:
  // Where one service's watch stands.
  struct Watch {
    EventSource* source = nullptr;
    Thread thread;
    int64_t sequence = 0;
    std::string boot_id;
    // Newest sequence when the watch began, the end of a replay; -1 before it
    // is known.
    int64_t newest_at_start = -1;
  };
  struct Later {
    bool operator()(const event::v1::Event& a, const event::v1::Event& b) const;
  };

  void Run(Watch& watch);
  absl::Status Take(Watch& watch, const event::v1::Event& event);
  bool HasRoom() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool AllWatched() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool ReplayDone() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // When to look again, or the past when the head may go.
  absl::Time HeadReady() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Cancellation cancellation_;
  const bool replay_;
  const absl::Time started_;
  mutable absl::Mutex mutex_;
  absl::CondVar changed_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  std::priority_queue<event::v1::Event, std::vector<event::v1::Event>, Later>
      waiting_ ABSL_GUARDED_BY(mutex_);
  // A list: threads keep references. Its members but `thread` and `source` are
  // guarded by mutex_.
  std::list<Watch> watches_;
};

}  // namespace tug::gatewayd
