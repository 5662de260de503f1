// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/lifecycle/signals.h"

#include <csignal>

#include "absl/time/clock.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/kernel/signal_name.h"
#include "services/runtimed/containers/state_machine.h"
#include "services/runtimed/events/container_events.h"
#include "services/runtimed/runtime/container_process.h"

namespace tug::runtimed {
namespace {

constexpr absl::Duration kKillTimeout = absl::Seconds(10);
// After this the whole cgroup is killed, whatever holds the first process.
constexpr absl::Duration kFirstWait = absl::Seconds(2);

// The state stays PAUSED in the record until Unfreeze has worked.
void ThawIfPaused(Runtime& rt, const ContainerRecord& record) {
  if (record.container().state() != runtime::v1::CONTAINER_STATE_PAUSED) {
    return;
  }
  const auto group = rt.cgroups.Open(record.cgroup_path());
  if (!group.ok()) return;
  const absl::Status thawed = (*group)->Thaw();
  LogIfError(thawed, "thaw a container that is to end");
  if (!thawed.ok()) return;
  const auto after = rt.catalog.Update(
      record.container().id(), Persist::kUnsynced, [](ContainerRecord& r) {
        if (r.container().state() == runtime::v1::CONTAINER_STATE_PAUSED) {
          r.mutable_container()->set_state(
              runtime::v1::CONTAINER_STATE_RUNNING);
        }
        return absl::OkStatus();
      });
  if (after.ok()) {
    PublishContainerEvent(rt.events, (*after)->container(), "unpause");
  }
}

}  // namespace

int StopSignalOf(const runtime::v1::Container& container) {
  const std::string& name = container.config().stop_signal();
  if (name.empty()) return SIGTERM;
  return kernel::ParseSignal(name).value_or(SIGTERM);
}

absl::Status SendSignal(Runtime& rt, const ContainerRecord& record, int signal,
                        bool thaw) {
  const auto live = rt.live.Find(record.container().id());
  if (live == nullptr) return NotRunningError(record.container().id());
  ShimMessage message = NewShimMessage(ShimMessageType::kSignal);
  message.value = signal;
  const auto answer = live->shim->Call(message, {}, {});
  if (!answer.ok()) {
    if (StatusErrno(answer.status()) == ESRCH) {
      return NotRunningError(record.container().id());
    }
    return answer.status();
  }
  PublishContainerEvent(rt.events, record.container(), "kill",
                        {{"signal", absl::StrCat(signal)}});
  if (thaw) ThawIfPaused(rt, record);
  return absl::OkStatus();
}

bool AwaitEnd(const ExitWatch::Watcher& watcher, absl::Time deadline) {
  return watcher.AwaitChange(ExitWatch::Seen(), deadline).exits > 0;
}

absl::Status KillAndAwait(Runtime& rt, const ContainerRecord& record,
                          const ExitWatch::Watcher& watcher) {
  const absl::Status sent = SendSignal(rt, record, SIGKILL, true);
  if (!sent.ok() && StatusReason(sent) != "CONTAINER_NOT_RUNNING") {
    LogIfError(sent, "kill a container by its shim");
  }
  const absl::Time deadline = absl::Now() + kKillTimeout;
  if (AwaitEnd(watcher, absl::Now() + kFirstWait)) return absl::OkStatus();
  LogIfError(KillCgroup(rt.cgroups, record.cgroup_path()),
             "kill a container's cgroup");
  if (AwaitEnd(watcher, deadline)) return absl::OkStatus();
  return absl::DeadlineExceededError(
      absl::StrCat("container ", record.container().id(),
                   " does not end: a process of it hangs in the kernel"));
}

}  // namespace tug::runtimed
