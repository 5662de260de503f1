// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/execs/exec_operations.h"

#include <sys/socket.h>

#include <cerrno>
#include <csignal>

#include "lib/base/id.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/oci/config_limits.h"
#include "services/runtimed/containers/state_machine.h"
#include "services/runtimed/events/container_events.h"
#include "services/runtimed/execs/exec_end.h"
#include "services/runtimed/execs/exec_user.h"
#include "services/runtimed/runtime/container_process.h"
#include "services/runtimed/runtime/start_error.h"
#include "services/runtimed/spec/launch_spec.h"
#include "services/runtimed/spec/namespaces.h"

namespace tug::runtimed {
namespace {

using runtime::v1::Exec;
using runtime::v1::ExecConfig;

constexpr int kNotInvoked = 126;

absl::Status ExecSpecError(absl::string_view text) {
  return WithReason(absl::InvalidArgumentError(text), "EXEC_SPEC_INVALID");
}

absl::Status Precondition(const std::string& text, const char* reason) {
  return WithReason(absl::FailedPreconditionError(text), reason);
}

absl::Status CheckConfig(const ExecConfig& config) {
  if (config.cmd_size() == 0 || config.cmd(0).empty()) {
    return ExecSpecError("No exec command specified");
  }
  const absl::Status fits =
      oci::CheckConfigSize({.environment = oci::BytesOf(config.env()),
                            .command = oci::BytesOf(config.cmd())},
                           oci::kContainerLimits);
  if (!fits.ok()) return ExecSpecError(fits.message());
  for (const std::string& word : config.cmd()) {
    if (word.find('\0') != std::string::npos) {
      return ExecSpecError("an argument holds a NUL byte");
    }
  }
  for (const std::string& entry : config.env()) {
    if (entry.empty() || entry[0] == '=' ||
        entry.find('\0') != std::string::npos) {
      return ExecSpecError(
          absl::StrCat("invalid environment variable: ", entry));
    }
  }
  if (!config.working_dir().empty() && config.working_dir()[0] != '/') {
    return ExecSpecError("the working directory needs to be absolute");
  }
  return absl::OkStatus();
}

absl::Status CheckRunning(const runtime::v1::Container& container) {
  if (container.state() == runtime::v1::CONTAINER_STATE_PAUSED) {
    return Precondition(
        absl::StrCat("container ", container.name(),
                     " is paused, unpause the container before exec"),
        "CONTAINER_PAUSED");
  }
  if (container.state() != runtime::v1::CONTAINER_STATE_RUNNING) {
    return NotRunningError(container.id());
  }
  return absl::OkStatus();
}

absl::StatusOr<UniqueFd> MakePlan(Runtime& rt, const ContainerRecord& record,
                                  const ExecConfig& config) {
  ASSIGN_OR_RETURN(
      const NamespaceChoices choices,
      NamespacesOf(record.container().host_config(), rt.facts.cgroup_version));
  const cgroup::Location location = rt.cgroups.Locate(record.cgroup_path());
  const LaunchInput input = {record,   rt.facts, rt.seccomp, choices, {},
                             location, {},       {},         {}};
  ASSIGN_OR_RETURN(const LaunchSpec spec, ExecLaunchSpec(input, config));
  UniqueFd plan;
  const long error = WritePlan(spec, &plan);
  if (error < 0) {
    return ErrnoStatus(static_cast<int>(error), "write the launch plan");
  }
  return plan;
}

// The failed start ends the exec for good, with the code clients expect.
void StoreFailure(Runtime& rt, const Exec& exec, int exit_code) {
  const auto stored = rt.execs.Update(exec.id(), [&](Exec& e) {
    e.set_running(false);
    e.set_exit_code(exit_code);
    return absl::OkStatus();
  });
  LogIfError(stored.status(), "store why an exec did not start");
  ForgetExecLater(rt, exec.id());
}

uint32_t FlagsOf(const ExecConfig& config) {
  return (config.attach_stdin() ? kStreamStdin : 0) |
         (config.attach_stdout() ? kStreamStdout : 0) |
         (config.attach_stderr() ? kStreamStderr : 0);
}

// Kills it, also on its way to its exec. Does not wait for the shim.
void SendKill(const LiveContainer& live, const Exec& exec) {
  ShimMessage message = NewShimMessage(ShimMessageType::kExecSignal);
  SetExecId(message, exec.id());
  message.value = SIGKILL;
  LogIfError(live.shim->Send(message), "give up an exec");
}

absl::StatusOr<ShimConnection::Answer> Ask(
    const LiveContainer& live, const Exec& exec, const UniqueFd& plan,
    const UniqueFd& stream, uint32_t flags, absl::Duration patience) {
  ShimMessage message = NewShimMessage(ShimMessageType::kExecStart);
  SetExecId(message, exec.id());
  message.flags = stream.valid() ? flags : 0;
  const auto ends = {ShimMessageType::kExecStarted,
                     ShimMessageType::kExecFailed};
  auto answer =
      stream.valid()
          ? live.shim->Call(message, {plan.get(), stream.get()}, ends, patience)
          : live.shim->Call(message, {plan.get()}, ends, patience);
  // Answered as failed, it must not run later.
  if (absl::IsDeadlineExceeded(answer.status())) SendKill(live, exec);
  // It has ended since it was found running.
  if (StatusErrno(answer.status()) == ESRCH) return NotRunningError(live.id);
  return answer;
}

// Marks it running; only one caller can.
absl::StatusOr<Exec> Claim(Runtime& rt,
                           const runtime::v1::StartExecRequest& request) {
  return rt.execs.Update(request.id(), [&](Exec& exec) {
    if (exec.running() || exec.has_exit_code() || exec.pid() != 0) {
      return Precondition(
          absl::StrCat("exec command ", exec.id(), " has already run"),
          "EXEC_STARTED");
    }
    exec.set_running(true);
    if (request.console_size_size() == 2) {
      *exec.mutable_config()->mutable_console_size() = request.console_size();
    }
    return absl::OkStatus();
  });
}

absl::Status TryExec(Runtime& rt, const Exec& exec, UniqueFd stream,
                     uint32_t flags, absl::Duration patience) {
  ASSIGN_OR_RETURN(const RecordPtr record, rt.catalog.Get(exec.container_id()));
  const auto live = rt.live.Find(exec.container_id());
  if (live == nullptr) return NotRunningError(exec.container_id());
  ASSIGN_OR_RETURN(const UniqueFd plan, MakePlan(rt, *record, exec.config()));
  PublishContainerEvent(rt.events, record->container(),
                        ExecAction("exec_start", exec.config()),
                        {{"execID", exec.id()}});
  const auto asked = Ask(*live, exec, plan, stream, flags, patience);
  // The shim goes when its container has ended.
  if (absl::IsUnavailable(asked.status())) return NotRunningError(live->id);
  RETURN_IF_ERROR(asked.status());
  const ShimConnection::Answer& answer = *asked;
  if (answer.last().type == ShimMessageType::kExecFailed) {
    // Killed or without anything to join, as the container has ended meanwhile.
    RETURN_IF_ERROR(CheckAlive(*live));
    const StartError failure = DescribeStartFailure(
        answer.last(), exec.config().cmd(0), Launched::kExec);
    StoreFailure(rt, exec, failure.exit_code);
    return failure.ToStatus();
  }
  return rt.execs
      .Update(exec.id(),
              [&](Exec& e) {
                e.set_pid(answer.last().pid);
                return absl::OkStatus();
              })
      .status();
}

}  // namespace

absl::StatusOr<Exec> CreateExec(Runtime& rt,
                                const runtime::v1::CreateExecRequest& request) {
  ASSIGN_OR_RETURN(const RecordPtr record,
                   rt.catalog.Get(request.container_id()));
  RETURN_IF_ERROR(CheckRunning(record->container()));
  RETURN_IF_ERROR(CheckConfig(request.config()));
  const auto live = rt.live.Find(request.container_id());
  if (live == nullptr) return NotRunningError(request.container_id());
  RETURN_IF_ERROR(CheckExecUser(*live, request.config().user()));
  Exec exec;
  exec.set_id(NewId());
  exec.set_container_id(request.container_id());
  *exec.mutable_config() = request.config();
  RETURN_IF_ERROR(rt.execs.Add(exec));
  PublishContainerEvent(rt.events, record->container(),
                        ExecAction("exec_create", exec.config()),
                        {{"execID", exec.id()}});
  return exec;
}

absl::Status RunExec(Runtime& rt, const Exec& exec, UniqueFd stream,
                     uint32_t flags, absl::Duration patience) {
  const absl::Status run =
      TryExec(rt, exec, std::move(stream), flags, patience);
  // Without a code of its own: "cannot be invoked".
  if (!run.ok() && StatusMetadata(run).empty()) {
    StoreFailure(rt, exec, kNotInvoked);
  }
  return run;
}

absl::StatusOr<runtime::v1::StartExecResponse> StartExec(
    Runtime& rt, const runtime::v1::StartExecRequest& request) {
  ASSIGN_OR_RETURN(const Exec known, rt.execs.Resolve(request.id()));
  ASSIGN_OR_RETURN(const RecordPtr record,
                   rt.catalog.Get(known.container_id()));
  RETURN_IF_ERROR(CheckRunning(record->container()));
  runtime::v1::StartExecRequest exact = request;
  exact.set_id(known.id());
  ASSIGN_OR_RETURN(const Exec exec, Claim(rt, exact));
  UniqueFd shim_end;
  UniqueFd client_end;
  const bool raw = request.has_raw() ? request.raw() : exec.config().tty();
  const uint32_t flags =
      FlagsOf(exec.config()) | (raw ? kStreamRaw : kStreamFramed);
  if (!request.detach()) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
      return ErrnoStatus(errno, "make a stream");
    }
    shim_end.reset(pair[0]);
    client_end.reset(pair[1]);
  }
  RETURN_IF_ERROR(RunExec(rt, exec, std::move(shim_end), flags));
  runtime::v1::StartExecResponse response;
  if (!client_end.valid()) return response;
  ASSIGN_OR_RETURN(*response.mutable_ticket(),
                   rt.tickets.IssueDescriptor(std::move(client_end),
                                              /*is_stream=*/true));
  return response;
}

absl::Status ResizeExec(Runtime& rt,
                        const runtime::v1::ResizeExecRequest& request) {
  ASSIGN_OR_RETURN(const Exec exec, rt.execs.Resolve(request.id()));
  const auto live = rt.live.Find(exec.container_id());
  const absl::Status not_running = Precondition(
      absl::StrCat("exec ", exec.id(), " is not running"), "EXEC_NOT_RUNNING");
  if (live == nullptr || !exec.running()) return not_running;
  ShimMessage message = NewShimMessage(ShimMessageType::kExecResize);
  SetExecId(message, exec.id());
  message.rows = static_cast<uint16_t>(request.height());
  message.columns = static_cast<uint16_t>(request.width());
  const auto answer = live->shim->Call(message, {}, {});
  const int error = StatusErrno(answer.status());
  // Clients follow their own window without asking for a terminal first.
  if (answer.ok() || error == ENOTTY) return absl::OkStatus();
  return error == ESRCH || error == ENOENT ? not_running : answer.status();
}

absl::Status KillExec(Runtime& rt, const Exec& exec) {
  const auto live = rt.live.Find(exec.container_id());
  if (live == nullptr) return absl::OkStatus();
  ShimMessage message = NewShimMessage(ShimMessageType::kExecSignal);
  SetExecId(message, exec.id());
  message.value = SIGKILL;
  return live->shim->Call(message, {}, {}).status();
}

}  // namespace tug::runtimed
