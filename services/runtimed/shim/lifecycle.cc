// SPDX-License-Identifier: Apache-2.0
//
// From the launch of a process to its end.
#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <utility>

#include "lib/sys/fd_channel.h"
#include "lib/sys/process.h"
#include "services/runtimed/shim/exit_facts.h"
#include "services/runtimed/shim/shim.h"
#include "services/runtimed/shim/wall_clock.h"

namespace tug::runtimed {
namespace {

// How long the end of a process's output is waited for after the process
// itself has ended; others may hold its pipes.
constexpr int64_t kDrainMs = 2000;
// How long clients may then still take to read what there is.
constexpr int64_t kClientMs = 60000;
// How long a child may take to its exec. A container can stop one that it sees:
// after this it is killed, and only then said to have failed. Shorter than
// runtimed waits (lifecycle/launch.cc, ShimConnection::kCallTimeout).
constexpr int64_t kStartMs = 80000;
constexpr int64_t kExecMs = 20000;

}  // namespace

ShimMessage Shim::Describe(const Process& process, ShimMessageType type) const {
  ShimMessage message = MakeMessage(type);
  message.id = process.request;
  message.pid = process.pid;
  memcpy(message.exec_id, process.exec_id, sizeof(message.exec_id));
  return message;
}

long Shim::Begin(Process& process, const PlanView& plan,
                 const ExecTarget* target, LaunchFailure* failure) {
  Launched launched;
  const long error = Launch(plan, target, &launched, failure);
  if (error < 0) return error;
  process.phase = Process::Phase::kLaunching;
  process.deadline =
      SteadyMilliseconds() + (target == nullptr ? kStartMs : kExecMs);
  process.pid = launched.pid;
  process.pidfd = std::move(launched.pidfd);
  process.cloned = std::move(launched.cloned);
  process.report = std::move(launched.report);
  StreamOptions options;
  options.terminal = plan.has(kPlanTerminal);
  options.open_stdin = plan.has(kPlanOpenStdin);
  options.stdin_once = plan.has(kPlanStdinOnce);
  options.logged = target == nullptr && log_.is_open();
  *failure = {LaunchStep::kMakeStreams, "buffers"};
  const long opened =
      relay_.Open(IndexOf(process), options, std::move(launched.ends.in),
                  std::move(launched.ends.out), std::move(launched.ends.err));
  process.streaming = opened == 0;
  if (opened < 0) Kill(process);
  return opened;
}

// When the first process has ended: takes over the one that replaces it, if
// there is one, and lets it go on.
void Shim::Adopt(Process& process) {
  const pid_t pid = process.cloned.Read();
  if (pid == 0) return;
  const long pidfd = sys::OpenPidfd(pid);
  if (pidfd < 0) return GiveUp(process, pidfd, "pidfd");
  process.pid = pid;
  process.pidfd.reset(static_cast<int>(pidfd));
  process.cloned = ClonedPid();
  send(process.report.get(), &kAdopted, sizeof(kAdopted),
       MSG_DONTWAIT | MSG_NOSIGNAL);
}

// `ended` is not reaped yet, so that its number is nobody else's.
void Shim::Replaced(Process& process, pid_t ended) {
  if (process.pid == ended) {
    Adopt(process);
  } else if (process.cloned.Read() == ended) {
    // By its container, before it was adopted.
    Kill(process);
    Fail(process, LaunchStep::kClone, -ECHILD, "killed during set-up");
  }
}

// Both, if one is about to replace the other. If the second is just being made
// and its number not noted yet, it ends by itself, because nobody adopts it.
void Shim::Kill(const Process& process) {
  sys::SignalPidfd(process.pidfd.get(), SIGKILL);
  const pid_t pid = process.cloned.Read();
  if (pid != 0) kill(pid, SIGKILL);
}

void Shim::HandleReport(Process& process) {
  while (process.phase == Process::Phase::kLaunching) {
    ChildReport report = {};
    UniqueFd fd;
    size_t fd_count = 0;
    const long size = sys::ReceiveWithFds(process.report.get(), &report,
                                          sizeof(report), &fd, 1, &fd_count);
    if (size == -EAGAIN) return;
    if (size != static_cast<long>(sizeof(report))) {
      // End of stream: it has exec'd, failed, or was killed on the way.
      process.report.reset();
      if (process.failure.error != 0) {
        Fail(process, process.failure.step, -process.failure.error,
             process.failure.text);
      } else if (process.ready) {
        Started(process);
      } else {
        Fail(process, LaunchStep::kClone, -ECHILD, "killed during set-up");
      }
      return;
    }
    if (report.type == ChildReportType::kTerminal && fd_count == 1) {
      relay_.SetTerminal(IndexOf(process), std::move(fd));
    } else if (report.type == ChildReportType::kReady) {
      process.ready = true;
    } else if (report.type == ChildReportType::kFailed) {
      process.failure = report;
      process.failure.text[kShimTextSize - 1] = '\0';
    }
  }
}

void Shim::Started(Process& process) {
  const bool is_container = &process == &container();
  process.phase = Process::Phase::kRunning;
  process.deadline = 0;
  process.started = WallClock();
  ShimMessage message =
      Describe(process, is_container ? ShimMessageType::kStarted
                                     : ShimMessageType::kExecStarted);
  message.time = process.started;
  controls_.Broadcast(message);
  if (!is_container) return;
  // Held for as long as the shim lives, for a network service that restarts.
  char path[32];
  snprintf(path, sizeof(path), "/proc/%d/ns/net", process.pid);
  network_namespace_.reset(open(path, O_RDONLY | O_CLOEXEC));
}

void Shim::Fail(Process& process, LaunchStep step, long error,
                const char* operand) {
  const bool is_container = &process == &container();
  ShimMessage message =
      Describe(process, is_container ? ShimMessageType::kStartFailed
                                     : ShimMessageType::kExecFailed);
  message.error = static_cast<int32_t>(-error);
  message.value = static_cast<int32_t>(step);
  SetText(message, operand);
  StopStreams(process);
  process.report.reset();
  process.phase =
      is_container ? Process::Phase::kFailed : Process::Phase::kFree;
  // The child, if there is one, is on its way out; Reap takes it.
  process.pid = 0;
  process.pidfd.reset();
  process.cloned = ClonedPid();
  controls_.Broadcast(message);
}

void Shim::GiveUp(Process& process, long error, const char* operand) {
  Kill(process);
  Fail(process, LaunchStep::kSetUp, error, operand);
}

// Whoever asked for it is gone and has been told, or will be, that it failed.
void Shim::GiveUpOrphans() {
  for (size_t i = 0; i < processes_end_; ++i) {
    Process& process = processes_[i];
    if (process.phase != Process::Phase::kLaunching ||
        controls_.IsOpen(process.connection)) {
      continue;
    }
    GiveUp(process, -ECONNRESET, "runtimed");
  }
}

void Shim::Reap() {
  for (;;) {
    siginfo_t ended = {};
    if (waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) != 0) {
      if (errno == EINTR) continue;
      return;
    }
    if (ended.si_pid == 0) return;
    Process* process = nullptr;
    for (size_t i = 0; i < processes_end_ && process == nullptr; ++i) {
      if (processes_[i].cloned.valid()) Replaced(processes_[i], ended.si_pid);
      if (processes_[i].pid == ended.si_pid) process = &processes_[i];
    }
    // It may have exec'd and ended before its report was looked at. Only until
    // it is reaped is its number certainly nobody else's.
    if (process != nullptr) HandleReport(*process);
    int status = 0;
    while (waitpid(ended.si_pid, &status, 0) == -1 && errno == EINTR) {
    }
    if (process != nullptr && process->phase == Process::Phase::kRunning) {
      Exited(*process, status);
    }
  }
}

void Shim::Exited(Process& process, int wait_status) {
  process.phase = Process::Phase::kExited;
  process.exit_code = ExitCode(wait_status);
  process.finished = WallClock();
  process.deadline = SteadyMilliseconds() + kDrainMs;
  if (&process == &container() &&
      (plan_.view()->new_namespaces & CLONE_NEWPID) == 0) {
    KillCgroup(plan_.view());
  }
}

void Shim::EndIfDrained(Process& process) {
  const size_t index = IndexOf(process);
  const bool late =
      process.deadline != 0 && SteadyMilliseconds() >= process.deadline;
  if (process.phase == Process::Phase::kExited) {
    if (late) relay_.GiveUp(index, false);
    if (late || relay_.Drained(index)) End(process);
  } else if (process.streaming && (late || relay_.Drained(index))) {
    // Ended before; what was left were clients that read slowly.
    if (late) relay_.GiveUp(index, true);
    StopStreams(process);
  }
  if (process.acknowledged && !process.streaming) process = Process();
}

// Everything is known: record it, then tell.
void Shim::End(Process& process) {
  const bool is_container = &process == &container();
  process.phase = Process::Phase::kEnded;
  if (relay_.Drained(IndexOf(process))) {
    StopStreams(process);
  } else {
    process.deadline = SteadyMilliseconds() + kClientMs;
  }
  if (is_container) {
    const PlanView& plan = plan_.view();
    process.oom_killed =
        ReadOomKills(plan.Text(plan->oom_events)) > oom_kills_before_;
    const ExitRecord record = {kExitRecordMagic,  kShimVersion,
                               process.exit_code, process.oom_killed ? 1 : 0,
                               process.started,   process.finished};
    // A full disk: runtimed still hears it, now or when it connects.
    WriteExitRecord(plan.Text(plan->exit_record_path), record);
  }
  ShimMessage message =
      Describe(process, is_container ? ShimMessageType::kExited
                                     : ShimMessageType::kExecExited);
  message.value = process.exit_code;
  message.time = process.finished;
  message.flags = process.oom_killed ? kExitedOom : 0;
  controls_.Broadcast(message);
}

void Shim::StopStreams(Process& process) {
  if (process.streaming) relay_.Close(IndexOf(process));
  process.streaming = false;
  process.deadline = 0;
}

void Shim::CheckDeadlines() {
  for (size_t i = 0; i < processes_end_; ++i) {
    Process& process = processes_[i];
    if (process.phase == Process::Phase::kExited ||
        process.phase == Process::Phase::kEnded) {
      EndIfDrained(process);
    } else if (process.phase == Process::Phase::kLaunching &&
               SteadyMilliseconds() >= process.deadline) {
      GiveUp(process, -ETIMEDOUT, "not done in time");
    }
  }
  GiveUpOrphans();
  while (processes_end_ > 1 &&
         processes_[processes_end_ - 1].phase == Process::Phase::kFree) {
    --processes_end_;
  }
}

}  // namespace tug::runtimed
