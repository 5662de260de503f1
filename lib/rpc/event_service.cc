// SPDX-License-Identifier: Apache-2.0
#include "lib/rpc/event_service.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "lib/rpc/status_conversion.h"

namespace tug::rpc {
namespace {

using event::v1::Event;

// One watcher. It is idle, or a message is under way: then the end of that
// looks for the next one, so that a wake-up in between is not lost.
class Watcher final : public grpc::ServerWriteReactor<Event> {
 public:
  Watcher(EventBus& events, const std::string& domain, int64_t sequence)
      : events_(events), domain_(domain), sequence_(sequence) {
    current_.set_boot_id(events_.boot_id());
    current_.set_sequence(events_.newest_sequence());
    // Before the write, at whose end nobody may have been told yet.
    listener_.emplace(events_, [this] { Wake(); });
    StartWrite(&current_);
  }

 private:
  // What comes next, after the lock is released.
  enum class Step { kNothing, kWrite, kFinish };

  void Wake() {
    Step step = Step::kNothing;
    {
      absl::MutexLock lock(&mutex_);
      if (busy_) return;
      step = Next();
    }
    Take(step);
  }

  void OnWriteDone(bool ok) override {
    Step step = Step::kFinish;
    {
      absl::MutexLock lock(&mutex_);
      if (ok && !cancelled_) {
        step = Next();
      } else {
        outcome_ = grpc::Status::CANCELLED;
      }
    }
    Take(step);
  }

  void OnCancel() override {
    {
      absl::MutexLock lock(&mutex_);
      cancelled_ = true;
      if (std::exchange(busy_, true)) return;
      outcome_ = grpc::Status::CANCELLED;
    }
    Finish(outcome_);
  }

  void OnDone() override {
    // Waits for a wake-up that is under way.
    listener_.reset();
    delete this;
  }

  Step Next() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    absl::StatusOr<Event> event = events_.Next(sequence_, absl::InfinitePast());
    busy_ = !absl::IsDeadlineExceeded(event.status());
    if (!busy_) return Step::kNothing;
    if (event.ok()) {
      sequence_ = event->sequence();
      current_ = *std::move(event);
      return Step::kWrite;
    }
    // Close() means that the service ends: callers reconnect, as to a restart.
    outcome_ = ToGrpc(absl::IsCancelled(event.status())
                          ? absl::UnavailableError("the service ends")
                          : event.status(),
                      domain_);
    return Step::kFinish;
  }

  void Take(Step step) {
    if (step == Step::kWrite) StartWrite(&current_);
    if (step == Step::kFinish) Finish(outcome_);
  }

  EventBus& events_;
  const std::string& domain_;
  std::optional<EventBus::Listener> listener_;
  absl::Mutex mutex_;
  // The greeting is under way from the beginning.
  bool busy_ ABSL_GUARDED_BY(mutex_) = true;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t sequence_ ABSL_GUARDED_BY(mutex_);
  // Of whoever set `busy_`.
  Event current_;
  grpc::Status outcome_;
};

}  // namespace

int64_t GrpcEventService::StartOf(
    const event::v1::WatchRequest& request) const {
  const int64_t newest = events_.newest_sequence();
  if (request.after_sequence() < 0) return newest;
  const bool from_oldest =
      request.after_sequence() == 0 || request.boot_id() != events_.boot_id();
  if (from_oldest) return events_.before_oldest_sequence();
  return std::min(request.after_sequence(), newest);
}

grpc::ServerWriteReactor<Event>* GrpcEventService::Watch(
    grpc::CallbackServerContext*, const event::v1::WatchRequest* request) {
  return new Watcher(events_, domain_, StartOf(*request));
}

}  // namespace tug::rpc
