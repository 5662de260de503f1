// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/health/health_probe.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "absl/time/clock.h"
#include "lib/base/log.h"
#include "services/runtimed/containers/timestamps.h"
#include "services/runtimed/events/container_events.h"
#include "services/runtimed/execs/exec_operations.h"
#include "services/runtimed/health/verdict.h"

namespace tug::runtimed {
namespace {

using runtime::v1::Exec;
using runtime::v1::HealthResult;

constexpr int kTimedOut = -1;
constexpr size_t kFrameHeader = 8;
// Between looks at whether the probing is to end.
constexpr absl::Duration kSlice = absl::Milliseconds(200);

// Takes the payloads out of Docker's frames.
std::string Unframe(const std::string& stream) {
  std::string text;
  size_t at = 0;
  while (stream.size() - at >= kFrameHeader && text.size() < kKeptOutput) {
    size_t size = 0;
    for (size_t i = 4; i < kFrameHeader; ++i) {
      size = size << 8 | static_cast<unsigned char>(stream[at + i]);
    }
    text.append(stream, at + kFrameHeader, size);
    at = std::min(stream.size(), at + kFrameHeader + size);
  }
  text.resize(std::min(text.size(), kKeptOutput));
  return text;
}

// Reads until the end of the stream, the deadline or the session's end; keeps
// the beginning.
bool ReadUntil(int fd, absl::Time deadline, HealthTable::Session& session,
               std::string& stream) {
  char buffer[4096];
  while (absl::Now() < deadline && !session.ended()) {
    pollfd state = {fd, POLLIN, 0};
    const absl::Duration slice = std::min(kSlice, deadline - absl::Now());
    const int ready =
        poll(&state, 1, static_cast<int>(absl::ToInt64Milliseconds(slice)) + 1);
    if (ready <= 0) continue;
    const ssize_t got = read(fd, buffer, sizeof(buffer));
    if (got == -1 && errno == EINTR) continue;
    if (got <= 0) return true;
    if (stream.size() < 2 * kKeptOutput) {
      stream.append(buffer, static_cast<size_t>(got));
    }
  }
  return false;
}

HealthResult RunOnce(Runtime& rt, const ContainerRecord& record,
                     const ProbePlan& plan, HealthTable::Session& session) {
  const runtime::v1::Container& container = record.container();
  HealthResult result;
  *result.mutable_start() = ToTimestamp(absl::Now());
  const auto finish = [&](int code, std::string output) {
    result.set_exit_code(code);
    result.set_output(std::move(output));
    *result.mutable_end() = ToTimestamp(absl::Now());
    return result;
  };
  runtime::v1::CreateExecRequest request;
  request.set_container_id(container.id());
  for (std::string& word : ProbeCommand(container.config())) {
    request.mutable_config()->add_cmd(std::move(word));
  }
  if (request.config().cmd().empty()) {
    return finish(kTimedOut, absl::StrCat("healthcheck for container ",
                                          container.id(), " has no command"));
  }
  request.mutable_config()->set_attach_stdout(true);
  request.mutable_config()->set_attach_stderr(true);
  const auto exec = CreateExec(rt, request);
  if (!exec.ok())
    return finish(kTimedOut, std::string(exec.status().message()));
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
    return finish(kTimedOut, "no stream for the probe");
  }
  UniqueFd theirs(pair[0]);
  const UniqueFd ours(pair[1]);
  const absl::Time deadline = absl::Now() + plan.timeout;
  const auto too_late = [&](const std::string& output) {
    return finish(kTimedOut, absl::StrCat("Health check exceeded timeout (",
                                          absl::FormatDuration(plan.timeout),
                                          "): ", output));
  };
  const absl::Status run = RunExec(rt, *exec, std::move(theirs),
                                   kStreamStdout | kStreamStderr, plan.timeout);
  if (absl::IsDeadlineExceeded(run)) return too_late("");
  if (!run.ok()) return finish(kTimedOut, std::string(run.message()));
  std::string stream;
  ReadUntil(ours.get(), deadline, session, stream);
  const auto ended = rt.execs.AwaitEnd(exec->id(), deadline);
  if (ended.ok()) return finish(ended->exit_code(), Unframe(stream));
  LogIfError(KillExec(rt, *exec), "end a probe that takes too long");
  return too_late(Unframe(stream));
}

void Probe(Runtime& rt, const ContainerRecord& record,
           HealthTable::Session& session) {
  const std::string& id = record.container().id();
  const ProbePlan plan = PlanOf(record.container().config().healthcheck());
  const absl::Time begun = absl::Now();
  for (;;) {
    const auto health = rt.health.Get(id);
    const bool waiting = health.has_value() && health->state() == "starting" &&
                         absl::Now() - begun < plan.start_period;
    if (!session.Pause(waiting ? plan.start_interval : plan.interval)) return;
    const auto now = rt.catalog.Get(id);
    if (!now.ok()) return;
    if ((*now)->container().state() != runtime::v1::CONTAINER_STATE_RUNNING) {
      continue;  // Paused.
    }
    const HealthResult result = RunOnce(rt, **now, plan, session);
    if (session.ended()) return;
    const bool starting = absl::Now() - begun < plan.start_period;
    bool changed = false;
    std::string state;
    rt.health.Change(id, [&](runtime::v1::Health& h) {
      changed = ApplyResult(result, plan.retries, starting, h);
      state = h.state();
    });
    if (changed) {
      PublishContainerEvent(rt.events, (*now)->container(),
                            absl::StrCat("health_status: ", state));
    }
  }
}

}  // namespace

void StartHealthProbes(Runtime& rt, const ContainerRecord& record) {
  if (!HasProbe(record.container().config())) return;
  LogIfError(rt.health.Start(record.container().id(),
                             [&rt, record](HealthTable::Session& session) {
                               Probe(rt, record, session);
                             }),
             "probe a container's health");
}

}  // namespace tug::runtimed
