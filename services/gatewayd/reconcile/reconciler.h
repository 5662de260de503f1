// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/gatewayd/events/event_feed.h"
#include "services/gatewayd/operations/container_locks.h"
#include "services/gatewayd/peers/peers.h"

namespace tug::gatewayd {

// How often everything is compared, should an event have been missed.
inline constexpr absl::Duration kSweepInterval = absl::Minutes(1);
// Containers reconciled at once.
inline constexpr int kReconcileThreads = 4;
// Most ids waiting; beyond, the next sweep finds them.
inline constexpr size_t kMaxPendingIds = 65536;
// Before a busy container is looked at again, and one that failed.
inline constexpr absl::Duration kBusyPause = absl::Milliseconds(20);
inline constexpr absl::Duration kFailurePause = absl::Seconds(1);
// Tries of one id before it waits for the next sweep.
inline constexpr int kMaxTries = 5;

// Keeps leases in line with containers: at start, each minute, whenever a
// service comes back, and at each event that a container publishes.
//
// Works from its construction to its destruction. Crash-only: there is no
// other recovery.
class Reconciler final : public EventObserver {
 public:
  // Both outlive it.
  Reconciler(const Peers& peers, ContainerLocks& locks);
  ~Reconciler() override;
  Reconciler(const Reconciler&) = delete;
  Reconciler& operator=(const Reconciler&) = delete;

  void OnEvent(const event::v1::Event& event) override;
  void OnGap(absl::string_view service, bool lost) override;

 private:
  struct Pending {
    absl::Time not_before;
    int tries = 0;
  };

  void SweepLoop();
  void WorkLoop();
  void RequestSweep(bool all);
  void Enqueue(const std::string& id, absl::Duration delay, int tries);
  // Takes an id that is due, or waits at most until the first one is.
  bool TakeNext(std::string& id, int& tries);
  void Reconcile(const std::string& id, int tries);
  // Waits; false when the reconciler ends.
  bool Pause(absl::Duration duration);

  const Peers& peers_;
  ContainerLocks& locks_;
  absl::Mutex mutex_;
  absl::CondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool sweep_wanted_ ABSL_GUARDED_BY(mutex_) = true;
  // The first sweep looks at every container.
  bool sweep_all_ ABSL_GUARDED_BY(mutex_) = true;
  std::map<std::string, Pending> pending_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;
};

}  // namespace tug::gatewayd
