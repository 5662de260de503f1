// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "lib/base/byte_budget.h"
#include "proto/tug/event/v1/event.pb.h"
#include "services/gatewayd/peers/event_source.h"
#include "services/gatewayd/server/cancellation.h"

namespace tug::gatewayd {

// Is told of events as they come, on the thread of their service and before
// anybody else. It must not block.
class EventObserver {
 public:
  virtual ~EventObserver() = default;
  virtual void OnEvent(const event::v1::Event& event) = 0;
  // What the service told before may be untrue by now: it was started again, or
  // its events came faster than they were taken (`lost`).
  virtual void OnGap(absl::string_view service, bool lost) = 0;
};

// The events of all services, in order of time, for any number of readers: one
// watch and one thread a service, whatever the clients do.
//
// An event waits kEventHoldBack for older ones of other services, and goes into
// a ring that all readers share. What the services still keep from before is
// read first, so that the ring also holds what happened while there was no
// gateway. A reader is a place in the ring; one that falls behind it goes on
// with the oldest event that is left, as with Docker.
//
// Thread-safe. Readers must end before it does.
class EventFeed {
 public:
  using EventPtr = std::shared_ptr<const event::v1::Event>;

  // Events kept for readers, as they lie in memory.
  static constexpr Bounds kRing = {.count = 8192, .bytes = 16 << 20};
  // Events that wait for older ones, at the beginning all that the services
  // have kept; beyond, the services wait.
  static constexpr Bounds kHeldBack = {.count = 20'000, .bytes = 16 << 20};
  static constexpr absl::Duration kHoldBack = absl::Milliseconds(20);
  // How long services that do not answer hold up the first reader, and the end
  // of a reader's time.
  static constexpr absl::Duration kPatience = absl::Milliseconds(500);
  // Before a service that went away is watched again.
  static constexpr absl::Duration kRetry = absl::Milliseconds(100);

  // Begins to watch. All must outlive it.
  EventFeed(std::vector<EventSource*> sources,
            std::vector<EventObserver*> observers);
  ~EventFeed();
  EventFeed(const EventFeed&) = delete;
  EventFeed& operator=(const EventFeed&) = delete;

  // One place in the ring; for one thread.
  class Reader {
   public:
    // Begins after the newest event. What is published from now on is not
    // missed, as far as services answer. `keep`: takes down what is kept of
    // earlier events.
    Reader(EventFeed& feed, bool keep);
    ~Reader();
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    // Earlier events, ordered by time; once.
    std::vector<EventPtr> TakeKept() { return std::move(kept_); }

    // The next event. Blocks. nullptr once no event up to `until` can come any
    // more; CANCELLED after Cancel().
    absl::StatusOr<EventPtr> Next(absl::Time until);

    // Ends Next(). Thread-safe.
    void Cancel();

   private:
    friend class EventFeed;
    EventFeed& feed_;
    std::vector<EventPtr> kept_;
    absl::CondVar changed_;
    // Guarded by the feed's mutex.
    uint64_t next_ = 0;
    bool cancelled_ = false;
    // All that can come up to the end of the reader's time has come.
    bool caught_up_ = false;
  };

  // Waits until all that the services had published at the call is in the ring;
  // for those that do not answer, at most kPatience.
  void CatchUp();

 private:
  // One service. Guarded by mutex_ but for `source` and `thread`.
  struct Watch {
    EventSource* source = nullptr;
    std::thread thread;
    std::string boot_id;
    // Newest event taken, and the newest of the first greeting: what is not
    // newer happened before this program began. -1: not known yet.
    int64_t sequence = 0;
    int64_t newest_at_start = -1;
  };
  struct Later {
    bool operator()(const EventPtr& a, const EventPtr& b) const;
  };

  void WatchLoop(Watch& watch);
  absl::Status Take(Watch& watch, const event::v1::Event& event);
  // Body of `merger_`: moves events into the ring when their time has come.
  void Merge();
  void Publish(EventPtr event) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool AllBegun() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::vector<EventObserver*> observers_;
  const absl::Time started_;
  Cancellation stop_;
  mutable absl::Mutex mutex_;
  // Something came, went into the ring, or the feed ends.
  absl::CondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::priority_queue<EventPtr, std::vector<EventPtr>, Later> waiting_
      ABSL_GUARDED_BY(mutex_);
  ByteBudget held_back_ ABSL_GUARDED_BY(mutex_){kHeldBack};
  ByteRing<EventPtr> ring_ ABSL_GUARDED_BY(mutex_){kRing};
  // Number of events that ever went into the ring.
  uint64_t total_ ABSL_GUARDED_BY(mutex_) = 0;
  std::set<Reader*> readers_ ABSL_GUARDED_BY(mutex_);
  // A list: threads keep references.
  std::list<Watch> watches_;
  std::thread merger_;
};

}  // namespace tug::gatewayd
