// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

#include "lib/sys/unique_fd.h"
#include "services/runtimed/init/child_report.h"
#include "services/runtimed/protocol/protocol.h"
#include "services/runtimed/shim/controls.h"
#include "services/runtimed/shim/launch.h"
#include "services/runtimed/shim/lazy_array.h"
#include "services/runtimed/shim/log_writer.h"
#include "services/runtimed/shim/poll_set.h"
#include "services/runtimed/shim/stdio_relay.h"

namespace tug::runtimed {

// One container: its first process, its execs, their streams, and the
// conversation with runtimed. One thread, one poll loop, no allocation: the
// object is large and lives in static storage.
class Shim {
 public:
  Shim() : relay_(log_) {}

  // Takes kControlFd and kPlanFd over and serves until the container has ended
  // and that is acknowledged. Answers the status to exit with.
  int Run();

 private:
  // A process from its launch until it is acknowledged. Slot 0: the container.
  struct Process {
    enum class Phase { kFree, kLaunching, kRunning, kExited, kEnded, kFailed };
    Phase phase = Phase::kFree;
    char exec_id[kExecIdSize] = {};
    // Of the request that started it, and the connection that it came by.
    uint32_t request = 0;
    uint32_t connection = 0;
    pid_t pid = 0;
    UniqueFd pidfd;
    // Valid: `pid` is a process that is going to be replaced by the one that
    // runs the program.
    ClonedPid cloned;
    UniqueFd report;
    // The child is about to exec.
    bool ready = false;
    ChildReport failure = {};
    int exit_code = 0;
    bool oom_killed = false;
    int64_t started = 0;
    int64_t finished = 0;
    // When to stop waiting (SteadyMilliseconds): while kLaunching for its exec,
    // then for the end of its output, while kEnded for its clients.
    int64_t deadline = 0;
    // Streams are still open.
    bool streaming = false;
    // An exec's end is known: the slot is free once its clients are done.
    bool acknowledged = false;
  };
  // A request and whom to answer.
  struct Request {
    size_t connection;
    ShimMessage message;
    UniqueFd fds[2];
    size_t fd_count;
  };

  long Prepare();
  bool Finished() const;
  void Turn();
  int NextTimeout() const;
  void Dispatch(size_t entry);
  void TellLog();

  // requests.cc
  void HandleControl(size_t connection);
  void Serve(Request& request);
  long ServeSimple(Request& request);
  long ServeSignal(Process& process, int signal);
  void ServeStart(Request& request);
  void ServeExecStart(Request& request);
  void ServeState(Request& request);
  void ServeNetns(Request& request);
  long ServeAttach(Request& request);
  long ContinueLog(const Request& request);
  long ServeAckExec(Request& request);
  void Reply(const Request& request, long error, int fd = -1);
  Process* FindExec(const char* exec_id);
  // The exec that a request names, or the container.
  Process* Named(const ShimMessage& message);

  // lifecycle.cc
  long Begin(Process& process, const PlanView& plan, const ExecTarget* target,
             LaunchFailure* failure);
  void HandleReport(Process& process);
  void Adopt(Process& process);
  void Replaced(Process& process, pid_t ended);
  void Kill(const Process& process);
  void Started(Process& process);
  void Fail(Process& process, LaunchStep step, long error, const char* operand);
  void Reap();
  void Exited(Process& process, int wait_status);
  // Kills what is on its way to its exec, and says that it failed.
  void GiveUp(Process& process, long error, const char* operand);
  void GiveUpOrphans();
  void EndIfDrained(Process& process);
  void End(Process& process);
  void StopStreams(Process& process);
  void CheckDeadlines();
  ShimMessage Describe(const Process& process, ShimMessageType type) const;
  size_t IndexOf(const Process& process) const {
    return processes_.IndexOf(process);
  }
  Process& container() { return processes_[0]; }
  const Process& container() const { return processes_[0]; }

  MappedPlan plan_;
  LogWriter log_;
  StdioRelay relay_;
  Controls controls_;
  PollSet poll_set_;
  UniqueFd signals_;
  UniqueFd network_namespace_;
  LazyArray<Process, kMaxProcesses> processes_;
  // One above the highest slot in use.
  size_t processes_end_ = 1;
  uint64_t oom_kills_before_ = 0;
  int64_t log_error_told_ = 0;
  bool exit_acknowledged_ = false;
  // Why it could not be prepared; told when the start is asked for.
  long prepare_error_ = 0;
};

}  // namespace tug::runtimed
