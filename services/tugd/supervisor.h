// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/tugd/child.h"

namespace tug::tugd {

// Starts the children, starts again what ends, reaps orphans of theirs, and
// ends them in order at SIGTERM: first the gateway, so that no new work comes,
// then the others.
//
// One thread, which must have SIGTERM, SIGINT and SIGCHLD blocked.
class Supervisor {
 public:
  struct Options {
    // How long each of the two groups may take to end before SIGKILL.
    absl::Duration stop_timeout;
    // Called every few seconds.
    std::function<void()> housekeeping;
  };
  Supervisor(std::vector<Child> children, Options options)
      : children_(std::move(children)), options_(std::move(options)) {}

  // Until all children have ended after SIGTERM or SIGINT.
  absl::Status Run();

 private:
  enum class Phase { kRunning, kStoppingGateway, kStoppingOthers, kDone };

  void StartDue();
  void EndHung();
  void ReapAll();
  // SIGTERM to the group of `phase`.
  void BeginPhase(Phase phase);
  // On to the next phase once the group has ended; SIGKILL past the deadline.
  void AdvanceStop();
  bool InGroup(const Child& child) const;
  absl::Time WakeAt() const;
  absl::Status WaitForSignal(int signals);

  std::vector<Child> children_;
  const Options options_;
  Phase phase_ = Phase::kRunning;
  absl::Time stop_deadline_ = absl::InfiniteFuture();
  absl::Time housekeeping_at_ = absl::InfinitePast();
};

}  // namespace tug::tugd
