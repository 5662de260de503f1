// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/execs/exec_end.h"

#include "absl/time/clock.h"
#include "lib/base/log.h"
#include "services/runtimed/events/container_events.h"

namespace tug::runtimed {
namespace {

using runtime::v1::Exec;

constexpr absl::Duration kKept = absl::Minutes(5);
constexpr int kKilledCode = 137;

// False if it had ended before.
bool StoreEnd(Runtime& rt, const std::string& exec_id, int exit_code,
              Exec& after) {
  const auto updated = rt.execs.Update(exec_id, [&](Exec& exec) {
    if (exec.has_exit_code()) return absl::AlreadyExistsError("ended");
    exec.set_running(false);
    exec.set_exit_code(exit_code);
    return absl::OkStatus();
  });
  if (!updated.ok()) return false;
  after = *updated;
  return true;
}

}  // namespace

void ForgetExecLater(Runtime& rt, const std::string& exec_id) {
  LogIfError(rt.executor.SubmitAt(absl::Now() + kKept,
                                  [&rt, exec_id] { rt.execs.Forget(exec_id); }),
             "forget an exec later");
}

void ForgetExecsOf(Runtime& rt, const std::string& container_id) {
  for (const std::string& id : rt.execs.IdsOf(container_id)) {
    rt.execs.Forget(id);
  }
}

void ForgetEndedExecsLater(Runtime& rt, const std::string& container_id) {
  for (const std::string& id : rt.execs.IdsOf(container_id)) {
    const auto exec = rt.execs.Get(id);
    if (exec.ok() && exec->has_exit_code()) ForgetExecLater(rt, id);
  }
}

void HandleExecExit(Runtime& rt, const std::string& container_id,
                    const std::string& exec_id, int exit_code) {
  Exec exec;
  const bool news = StoreEnd(rt, exec_id, exit_code, exec);
  const auto live = rt.live.Find(container_id);
  if (live != nullptr) {
    ShimMessage message = NewShimMessage(ShimMessageType::kAckExec);
    SetExecId(message, exec_id);
    live->shim->Send(message).IgnoreError();
  }
  if (!news) return;
  const auto record = rt.catalog.Get(container_id);
  if (record.ok()) {
    PublishContainerEvent(
        rt.events, (*record)->container(), "exec_die",
        {{"execID", exec_id}, {"exitCode", absl::StrCat(exit_code)}});
  }
  ForgetExecLater(rt, exec_id);
}

void EndExecsOf(Runtime& rt, const std::string& container_id) {
  for (const std::string& id : rt.execs.IdsOf(container_id)) {
    const auto exec = rt.execs.Get(id);
    if (!exec.ok() || exec->has_exit_code()) continue;
    if (exec->running()) {
      HandleExecExit(rt, container_id, id, kKilledCode);
    } else {
      // Created, never started: cannot be any more.
      rt.execs.Forget(id);
    }
  }
}

void ReviveExec(Runtime& rt, const std::string& container_id,
                const std::string& exec_id, int pid) {
  const auto known = rt.execs.Update(exec_id, [&](Exec& exec) {
    exec.set_running(!exec.has_exit_code());
    exec.set_pid(pid);
    return absl::OkStatus();
  });
  if (known.ok()) return;
  Exec exec;
  exec.set_id(exec_id);
  exec.set_container_id(container_id);
  exec.set_running(true);
  exec.set_pid(pid);
  LogIfError(rt.execs.Add(exec), "take over a running exec");
}

}  // namespace tug::runtimed
