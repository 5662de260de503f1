// SPDX-License-Identifier: Apache-2.0
#include "services/tugd/supervisor.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "absl/time/clock.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/sys/unique_fd.h"

namespace tug::tugd {
namespace {

constexpr absl::Duration kHousekeepingPeriod = absl::Seconds(5);

absl::StatusOr<UniqueFd> SupervisorSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGCHLD}) {
    sigaddset(&signals, signal);
  }
  if (sigprocmask(SIG_BLOCK, &signals, nullptr) != 0) {
    return ErrnoStatus(errno, "block signals");
  }
  UniqueFd fd(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) return ErrnoStatus(errno, "open signalfd");
  return fd;
}

}  // namespace

absl::Status Supervisor::Run() {
  // Shims whose runtimed has died become our children, so that they are
  // reaped; they go on without us.
  if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) {
    return ErrnoStatus(errno, "become the reaper of orphans");
  }
  ASSIGN_OR_RETURN(const UniqueFd signals, SupervisorSignals());
  while (phase_ != Phase::kDone) {
    StartDue();
    if (absl::Now() >= housekeeping_at_) {
      options_.housekeeping();
      EndHung();
      housekeeping_at_ = absl::Now() + kHousekeepingPeriod;
    }
    RETURN_IF_ERROR(WaitForSignal(signals.get()));
    ReapAll();
    AdvanceStop();
  }
  return absl::OkStatus();
}

void Supervisor::StartDue() {
  if (phase_ != Phase::kRunning) return;
  for (Child& child : children_) {
    const absl::Time now = absl::Now();
    if (!child.running() && child.start_at() <= now) child.Start(now);
  }
}

void Supervisor::EndHung() {
  if (phase_ != Phase::kRunning) return;
  for (Child& child : children_) {
    if (child.running()) child.EndIfHung();
  }
}

absl::Time Supervisor::WakeAt() const {
  if (phase_ != Phase::kRunning) return stop_deadline_;
  absl::Time wake_at = housekeeping_at_;
  for (const Child& child : children_) {
    if (!child.running()) wake_at = std::min(wake_at, child.start_at());
  }
  return wake_at;
}

absl::Status Supervisor::WaitForSignal(int signals) {
  const absl::Duration pause =
      std::max(WakeAt() - absl::Now(), absl::ZeroDuration());
  pollfd readable = {signals, POLLIN, 0};
  // Rounded up, so that it does not wake just before the time.
  const auto milliseconds = static_cast<int>(
      absl::ToInt64Milliseconds(absl::Ceil(pause, absl::Milliseconds(1))));
  if (poll(&readable, 1, milliseconds) < 0 && errno != EINTR) {
    return ErrnoStatus(errno, "wait for signals");
  }
  signalfd_siginfo info = {};
  while (read(signals, &info, sizeof(info)) ==
         static_cast<ssize_t>(sizeof(info))) {
    if (info.ssi_signo != SIGCHLD && phase_ == Phase::kRunning) {
      LogInfo("ending all services");
      BeginPhase(Phase::kStoppingGateway);
    }
  }
  return absl::OkStatus();
}

void Supervisor::ReapAll() {
  int status = 0;
  pid_t pid = 0;
  while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
    const auto child =
        std::find_if(children_.begin(), children_.end(),
                     [pid](const Child& one) { return one.pid() == pid; });
    if (child != children_.end()) child->HasEnded(status, absl::Now());
  }
}

bool Supervisor::InGroup(const Child& child) const {
  return child.speaks_rest() == (phase_ == Phase::kStoppingGateway);
}

void Supervisor::BeginPhase(Phase phase) {
  phase_ = phase;
  stop_deadline_ = absl::Now() + options_.stop_timeout;
  for (const Child& child : children_) {
    if (InGroup(child)) child.Signal(SIGTERM);
  }
}

void Supervisor::AdvanceStop() {
  if (phase_ == Phase::kRunning) return;
  const bool late = absl::Now() >= stop_deadline_;
  bool waiting = false;
  for (const Child& child : children_) {
    if (!InGroup(child) || !child.running()) continue;
    waiting = true;
    if (!late) continue;
    LogWarning("killed: it did not end in time", {{"service", child.name()}});
    child.Signal(SIGKILL);
  }
  if (late) stop_deadline_ = absl::InfiniteFuture();
  if (waiting) return;
  if (phase_ == Phase::kStoppingGateway) {
    BeginPhase(Phase::kStoppingOthers);
    AdvanceStop();
  } else {
    phase_ = Phase::kDone;
  }
}

}  // namespace tug::tugd
