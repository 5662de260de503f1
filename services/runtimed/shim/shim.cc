// SPDX-License-Identifier: Apache-2.0
//
// The loop.
#include "services/runtimed/shim/shim.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <utility>

#include "lib/sys/process.h"
#include "services/runtimed/shim/wall_clock.h"

namespace tug::runtimed {
namespace {

constexpr int64_t kLogErrorIntervalMs = 1000;

// All signals stay blocked; the ends of children are read from here.
long OpenSignals(UniqueFd* signals) {
  sigset_t children;
  sigemptyset(&children);
  sigaddset(&children, SIGCHLD);
  signals->reset(signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK));
  return *signals ? 0 : -errno;
}

// Closes what was inherited by accident: it would be held for as long as the
// container lives. `plan` null: nothing is meant to be there.
void CloseStrangers(const PlanView* plan) {
  const auto is_join = [&](int fd) {
    if (plan != nullptr && (*plan)->shm_namespace == uint32_t(fd)) return true;
    for (uint32_t i = 0; plan != nullptr && i < (*plan)->joins.count; ++i) {
      if (plan->At<PlanJoin>((*plan)->joins, i).fd == fd) return true;
    }
    return false;
  };
  // As many as may be joined, in the usual place; all others go.
  const int last = kFirstExtraFd + static_cast<int>(kMaxPlanJoins);
  for (int fd = kFirstExtraFd; fd < last; ++fd) {
    if (!is_join(fd)) close(fd);
  }
  sys::CloseFrom(static_cast<unsigned>(last));
}

}  // namespace

int Shim::Run() {
  controls_.Add(UniqueFd(kControlFd));
  prepare_error_ = Prepare();
  container();
  while (!Finished()) Turn();
  controls_.StopListening();
  return 0;
}

long Shim::Prepare() {
  const UniqueFd memfd(kPlanFd);
  const long error = plan_.Open(memfd.get());
  CloseStrangers(error == 0 ? &plan_.view() : nullptr);
  if (error < 0) return error;
  if (const long failed = OpenSignals(&signals_); failed < 0) return failed;
  // The container's, with all its execs; runtimed's would be every container's.
  if (const long failed = sys::MakeSessionKeyring();
      failed < 0 && failed != -ENOSYS) {
    return failed;
  }
  return plan_.view()->kind == PlanKind::kContainer ? 0 : -EINVAL;
}

bool Shim::Finished() const {
  using Phase = Process::Phase;
  // Nobody is left who could start it, or who wants to know why it failed.
  const bool never_ran =
      container().phase == Phase::kFree || container().phase == Phase::kFailed;
  if (never_ran) return controls_.empty() || exit_acknowledged_;
  if (!exit_acknowledged_ || container().phase != Phase::kEnded) return false;
  for (size_t i = 0; i < processes_end_; ++i) {
    const Process& process = processes_[i];
    if (process.streaming) return false;
    if (process.phase != Phase::kFree && process.phase != Phase::kEnded &&
        process.phase != Phase::kFailed) {
      return false;
    }
  }
  return true;
}

void Shim::Turn() {
  poll_set_.Clear();
  if (signals_) poll_set_.Add(signals_.get(), POLLIN, PollOwner::kSignals);
  controls_.AddTo(poll_set_);
  for (size_t i = 0; i < processes_end_; ++i) {
    if (processes_[i].phase != Process::Phase::kLaunching) continue;
    poll_set_.Add(processes_[i].report.get(), POLLIN, PollOwner::kReport, i);
  }
  relay_.AddTo(poll_set_);
  if (poll_set_.Wait(NextTimeout())) {
    for (size_t i = 0; i < poll_set_.size(); ++i) {
      if (poll_set_.ready(i) != 0) Dispatch(i);
    }
  }
  CheckDeadlines();
  TellLog();
}

// Milliseconds until a deadline; -1: none.
int Shim::NextTimeout() const {
  int64_t first = 0;
  for (size_t i = 0; i < processes_end_; ++i) {
    const int64_t deadline = processes_[i].deadline;
    if (deadline != 0 && (first == 0 || deadline < first)) first = deadline;
  }
  if (first == 0) return -1;
  const int64_t left = first - SteadyMilliseconds();
  return left < 0 ? 0 : static_cast<int>(left);
}

void Shim::Dispatch(size_t entry) {
  const PollSet::Owner owner = poll_set_.owner(entry);
  switch (owner.kind) {
    case PollOwner::kSignals: {
      signalfd_siginfo info;
      while (read(signals_.get(), &info, sizeof(info)) > 0) {
      }
      Reap();
      break;
    }
    case PollOwner::kListener:
      controls_.Accept();
      break;
    case PollOwner::kControl:
      HandleControl(owner.index);
      break;
    case PollOwner::kReport:
      HandleReport(processes_[owner.index]);
      break;
    case PollOwner::kOutput:
      relay_.HandleOutput(owner.index, owner.part);
      break;
    case PollOwner::kInput:
      relay_.HandleInput(owner.index);
      break;
    case PollOwner::kClient:
      relay_.HandleClient(owner.index, poll_set_.ready(entry));
      break;
  }
}

void Shim::TellLog() {
  if (!log_.is_open()) return;
  if (log_.TakeFull()) {
    controls_.Broadcast(MakeMessage(ShimMessageType::kLogFull));
  }
  const int64_t now = SteadyMilliseconds();
  int error = 0;
  uint64_t lost = 0;
  if (now - log_error_told_ < kLogErrorIntervalMs ||
      !log_.TakeError(&error, &lost)) {
    return;
  }
  log_error_told_ = now;
  ShimMessage message = MakeMessage(ShimMessageType::kLogError);
  message.error = error;
  message.value = static_cast<int32_t>(lost > INT32_MAX ? INT32_MAX : lost);
  controls_.Broadcast(message);
}

}  // namespace tug::runtimed
