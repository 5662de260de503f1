// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/reconcile/reconciler.h"

#include <algorithm>
#include <set>

#include "absl/time/clock.h"
#include "lib/base/id.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "services/gatewayd/reconcile/reconcile_container.h"
#include "services/gatewayd/reconcile/sweep.h"

namespace tug::gatewayd {

Reconciler::Reconciler(const Peers& peers, ContainerLocks& locks)
    : peers_(peers), locks_(locks) {
  threads_.emplace_back([this] { SweepLoop(); });
  for (int i = 0; i < kReconcileThreads; ++i) {
    threads_.emplace_back([this] { WorkLoop(); });
  }
}

Reconciler::~Reconciler() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    changed_.SignalAll();
  }
  for (std::thread& thread : threads_) thread.join();
}

void Reconciler::OnGap(absl::string_view, bool lost) {
  // In another life of a service, what it held may be gone.
  RequestSweep(/*all=*/lost);
}

void Reconciler::OnEvent(const event::v1::Event& event) {
  if (event.type() != "container") return;
  if (event.internal() || event.action() == "die") {
    Enqueue(event.actor_id(), absl::ZeroDuration(), 0);
  }
}

void Reconciler::RequestSweep(bool all) {
  absl::MutexLock lock(&mutex_);
  sweep_wanted_ = true;
  sweep_all_ = sweep_all_ || all;
  changed_.SignalAll();
}

void Reconciler::SweepLoop() {
  for (;;) {
    bool all = false;
    {
      absl::MutexLock lock(&mutex_);
      const absl::Time deadline = absl::Now() + kSweepInterval;
      while (!stopping_ && !sweep_wanted_ && absl::Now() < deadline) {
        changed_.WaitWithDeadline(&mutex_, deadline);
      }
      if (stopping_) return;
      sweep_wanted_ = false;
      all = sweep_all_;
      sweep_all_ = false;
    }
    const auto unsettled = FindUnsettled(peers_, all);
    if (unsettled.ok()) {
      for (const std::string& id : *unsettled) {
        Enqueue(id, absl::ZeroDuration(), 0);
      }
      continue;
    }
    LogIfError(unsettled.status(), "compare leases with containers");
    if (!Pause(kFailurePause)) return;
    RequestSweep(all);
  }
}

void Reconciler::Enqueue(const std::string& id, absl::Duration delay,
                         int tries) {
  if (!IsId(id)) return;
  absl::MutexLock lock(&mutex_);
  if (pending_.size() >= kMaxPendingIds && pending_.count(id) == 0) {
    sweep_wanted_ = true;
    return;
  }
  const absl::Time due = absl::Now() + delay;
  auto [entry, is_new] = pending_.emplace(id, Pending{due, tries});
  if (!is_new)
    entry->second.not_before = std::min(entry->second.not_before, due);
  changed_.SignalAll();
}

bool Reconciler::TakeNext(std::string& id, int& tries) {
  absl::MutexLock lock(&mutex_);
  for (;;) {
    if (stopping_) return false;
    const auto first = std::min_element(
        pending_.begin(), pending_.end(), [](const auto& a, const auto& b) {
          return a.second.not_before < b.second.not_before;
        });
    if (first == pending_.end()) {
      changed_.Wait(&mutex_);
    } else if (first->second.not_before > absl::Now()) {
      changed_.WaitWithDeadline(&mutex_, first->second.not_before);
    } else {
      id = first->first;
      tries = first->second.tries;
      pending_.erase(first);
      return true;
    }
  }
}

void Reconciler::Reconcile(const std::string& id, int tries) {
  const absl::Status status = ReconcileContainer(peers_, locks_, id);
  if (status.ok()) return;
  const bool busy = absl::IsUnavailable(status) && StatusReason(status).empty();
  if (!busy) {
    LogWarning("reconcile failed",
               {{"container", id}, {"error", status.ToString()}});
  }
  if (busy) {
    Enqueue(id, kBusyPause, tries);
  } else if (tries + 1 < kMaxTries) {
    Enqueue(id, kFailurePause, tries + 1);
  }
}

void Reconciler::WorkLoop() {
  std::string id;
  int tries = 0;
  while (TakeNext(id, tries)) Reconcile(id, tries);
}

bool Reconciler::Pause(absl::Duration duration) {
  absl::MutexLock lock(&mutex_);
  const absl::Time deadline = absl::Now() + duration;
  while (!stopping_ && absl::Now() < deadline) {
    changed_.WaitWithDeadline(&mutex_, deadline);
  }
  return !stopping_;
}

}  // namespace tug::gatewayd
