// SPDX-License-Identifier: Apache-2.0
//
// What runtimed asks for.
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "lib/sys/process.h"
#include "services/runtimed/shim/exit_facts.h"
#include "services/runtimed/shim/shim.h"

namespace tug::runtimed {
namespace {

constexpr size_t kFrameHeader = 8;
// Above any buffer that a socket has by default, by more than two lines.
constexpr int kHistoryBuffer = 1 << 20;

}  // namespace

void Shim::HandleControl(size_t connection) {
  for (;;) {
    Request request = {};
    request.connection = connection;
    if (!controls_.Receive(connection, &request.message, request.fds, 2,
                           &request.fd_count)) {
      return;
    }
    Serve(request);
  }
}

void Shim::Serve(Request& request) {
  switch (request.message.type) {
    case ShimMessageType::kStart:
      return ServeStart(request);
    case ShimMessageType::kExecStart:
      return ServeExecStart(request);
    case ShimMessageType::kGetState:
      return ServeState(request);
    case ShimMessageType::kGetNetns:
      return ServeNetns(request);
    default:
      return Reply(request, ServeSimple(request));
  }
}

void Shim::Reply(const Request& request, long error, int fd) {
  ShimMessage reply = MakeMessage(ShimMessageType::kReply);
  reply.id = request.message.id;
  reply.error = static_cast<int32_t>(-error);
  controls_.Send(request.connection, reply, fd);
}

Shim::Process* Shim::FindExec(const char* exec_id) {
  for (size_t i = 1; i < processes_end_; ++i) {
    Process& process = processes_[i];
    if (process.phase != Process::Phase::kFree &&
        memcmp(process.exec_id, exec_id, kExecIdSize) == 0) {
      return &process;
    }
  }
  return nullptr;
}

Shim::Process* Shim::Named(const ShimMessage& message) {
  return message.exec_id[0] == '\0' ? &container() : FindExec(message.exec_id);
}

long Shim::ServeSimple(Request& request) {
  const ShimMessage& message = request.message;
  Process* process = Named(message);
  if (process == nullptr) return -ENOENT;
  switch (message.type) {
    case ShimMessageType::kAckExit:
      exit_acknowledged_ = true;
      return 0;
    case ShimMessageType::kAckExec:
      return ServeAckExec(request);
    case ShimMessageType::kSignal:
    case ShimMessageType::kExecSignal:
      return ServeSignal(*process, message.value);
    case ShimMessageType::kResize:
    case ShimMessageType::kExecResize:
      return process->streaming ? relay_.Resize(IndexOf(*process), message.rows,
                                                message.columns)
                                : -ESRCH;
    case ShimMessageType::kCloseStdin:
      if (!process->streaming) return -ESRCH;
      relay_.CloseInput(IndexOf(*process));
      return 0;
    case ShimMessageType::kAttach:
      return ServeAttach(request);
    case ShimMessageType::kRotateLog:
      if (request.fd_count != 1 || !log_.is_open()) return -EINVAL;
      log_.Rotate(std::move(request.fds[0]));
      return 0;
    default:
      return -EOPNOTSUPP;
  }
}

// SIGKILL is also how whoever waits for a start or an exec gives it up: what is
// on its way to its exec has no handlers that another signal could reach.
long Shim::ServeSignal(Process& process, int signal) {
  if (process.phase == Process::Phase::kRunning) {
    return sys::SignalPidfd(process.pidfd.get(), signal);
  }
  if (process.phase != Process::Phase::kLaunching || signal != SIGKILL) {
    return -ESRCH;
  }
  GiveUp(process, -ECANCELED, "killed");
  return 0;
}

// A client that has read the log up to some place goes on from there without a
// gap and without hearing anything twice: between two reads of output all of
// it is in the log or in an unfinished line.
long Shim::ContinueLog(const Request& request) {
  if (!log_.is_open()) return -EINVAL;
  log_.Flush();
  if (log_.SizeOnDisk() + 1 != static_cast<uint64_t>(request.message.time)) {
    return -EAGAIN;
  }
  const int socket = request.fds[0].get();
  // What is sent here must fit, whatever the client still has to read.
  setsockopt(socket, SOL_SOCKET, SO_SNDBUFFORCE, &kHistoryBuffer,
             sizeof(kHistoryBuffer));
  constexpr uint32_t kFlags[] = {kStreamStdout, kStreamStderr};
  for (int stream = 1; stream <= 2; ++stream) {
    if ((request.message.flags & kFlags[stream - 1]) == 0) continue;
    size_t size = 0;
    const char* bytes = log_.Unfinished(stream, &size);
    if (size == 0) continue;
    char frame[kFrameHeader + kMaxLogPart] = {static_cast<char>(stream)};
    for (size_t i = 0; i < 4; ++i) {
      frame[4 + i] = static_cast<char>(size >> (24 - 8 * i));
    }
    const size_t header = plan_.view().has(kPlanTerminal) ? 0 : kFrameHeader;
    memcpy(frame + header, bytes, size);
    const ssize_t sent =
        send(socket, frame, header + size, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(header + size)) return -EIO;
  }
  return 0;
}

// Before the start, clients are kept for the streams to come.
long Shim::ServeAttach(Request& request) {
  if (request.fd_count != 1) return -EINVAL;
  const bool waiting = container().phase == Process::Phase::kFree;
  if (!waiting && !container().streaming) return -ESRCH;
  if (request.message.time != 0) {
    const long error = ContinueLog(request);
    if (error < 0) return error;
  }
  return relay_.Attach(0, std::move(request.fds[0]), request.message.flags);
}

long Shim::ServeAckExec(Request& request) {
  Process* process = FindExec(request.message.exec_id);
  if (process == nullptr) return -ENOENT;
  if (process->phase != Process::Phase::kEnded) return -EBUSY;
  process->acknowledged = true;
  EndIfDrained(*process);
  return 0;
}

void Shim::ServeStart(Request& request) {
  Process& process = container();
  if (process.phase != Process::Phase::kFree) {
    return Reply(request, -EALREADY);
  }
  process.request = request.message.id;
  process.connection = controls_.NumberOf(request.connection);
  if (prepare_error_ < 0) {
    return Fail(process, LaunchStep::kReadPlan, prepare_error_, "plan");
  }
  const PlanView& plan = plan_.view();
  oom_kills_before_ = ReadOomKills(plan.Text(plan->oom_events));
  LaunchFailure failure = {LaunchStep::kOpenLog, plan.Text(plan->log_path)};
  long error = 0;
  if (plan->log_type != PlanLogType::kNone) {
    error = log_.Open(failure.operand, plan.Text(plan->log_attributes),
                      plan->log_max_size);
  }
  if (error == 0) error = Begin(process, plan, nullptr, &failure);
  if (error < 0) return Fail(process, failure.step, error, failure.operand);
  // While the child sets itself up.
  error = controls_.Listen(plan.Text(plan->socket_path));
  if (error < 0) GiveUp(process, error, plan.Text(plan->socket_path));
}

void Shim::ServeExecStart(Request& request) {
  Process* process = nullptr;
  for (size_t i = 1; i < kMaxProcesses && process == nullptr; ++i) {
    if (processes_[i].phase == Process::Phase::kFree) process = &processes_[i];
  }
  if (process == nullptr) return Reply(request, -EMFILE);
  if (request.message.exec_id[0] == '\0' || request.fd_count == 0) {
    return Reply(request, -EINVAL);
  }
  if (FindExec(request.message.exec_id) != nullptr) {
    return Reply(request, -EEXIST);
  }
  *process = Process();
  process->request = request.message.id;
  process->connection = controls_.NumberOf(request.connection);
  memcpy(process->exec_id, request.message.exec_id, kExecIdSize);
  if (IndexOf(*process) >= processes_end_) {
    processes_end_ = IndexOf(*process) + 1;
  }
  if (container().phase != Process::Phase::kRunning) {
    return Fail(*process, LaunchStep::kJoinNamespaces, -ESRCH, "container");
  }
  MappedPlan plan;
  long error = plan.Open(request.fds[0].get());
  if (error == 0 && plan.view()->kind != PlanKind::kExec) error = -EINVAL;
  if (error < 0) return Fail(*process, LaunchStep::kReadPlan, error, "plan");
  if (request.fd_count > 1 && !relay_.HasRoomForClient()) {
    return Fail(*process, LaunchStep::kMakeStreams, -EMFILE, "client");
  }
  const ExecTarget target = {container().pidfd.get(),
                             NamespacesOf(plan_.view())};
  LaunchFailure failure;
  error = Begin(*process, plan.view(), &target, &failure);
  if (error < 0) return Fail(*process, failure.step, error, failure.operand);
  if (request.fd_count < 2) return;
  // The process runs already: output waits in its pipes.
  relay_.Attach(IndexOf(*process), std::move(request.fds[1]),
                request.message.flags);
}

void Shim::ServeState(Request& request) {
  using Phase = Process::Phase;
  const auto has_ended = [](const Process& p) {
    return p.phase == Phase::kEnded;
  };
  const auto has_begun = [&](const Process& p) {
    return p.phase == Phase::kRunning || p.phase == Phase::kExited ||
           has_ended(p);
  };
  const auto send = [&](const Process& process, ShimMessageType type,
                        uint32_t flags, int64_t time) {
    ShimMessage message = Describe(process, type);
    message.id = request.message.id;
    message.flags = flags;
    message.time = time;
    message.value = has_ended(process) ? process.exit_code : 0;
    controls_.Send(request.connection, message);
  };
  const Process& main = container();
  uint32_t flags = has_begun(main) ? kStateStarted : 0;
  if (has_ended(main)) flags |= kStateExited;
  if (main.oom_killed) flags |= kStateOom;
  send(main, ShimMessageType::kState, flags, main.started);
  if (has_ended(main)) {
    send(main, ShimMessageType::kExited, main.oom_killed ? kExitedOom : 0,
         main.finished);
  }
  for (size_t i = 1; i < processes_end_; ++i) {
    const Process& exec = processes_[i];
    if (!has_begun(exec)) continue;
    send(exec, ShimMessageType::kExecStarted, 0, exec.started);
    if (has_ended(exec)) {
      send(exec, ShimMessageType::kExecExited, 0, exec.finished);
    }
  }
  // Told once already, but perhaps to nobody.
  if (log_.full()) {
    controls_.Send(request.connection, MakeMessage(ShimMessageType::kLogFull));
  }
  Reply(request, 0);
}

void Shim::ServeNetns(Request& request) {
  Reply(request, network_namespace_ ? 0 : -ESRCH, network_namespace_.get());
}

}  // namespace tug::runtimed
