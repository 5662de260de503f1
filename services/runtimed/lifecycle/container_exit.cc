// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/lifecycle/container_exit.h"

#include <fcntl.h>
#include <unistd.h>

#include "absl/time/clock.h"
#include "lib/base/log.h"
#include "services/runtimed/containers/state_machine.h"
#include "services/runtimed/containers/timestamps.h"
#include "services/runtimed/events/container_events.h"
#include "services/runtimed/execs/exec_end.h"
#include "services/runtimed/lifecycle/policy_restart.h"
#include "services/runtimed/logs/log_files.h"
#include "services/runtimed/runtime/container_process.h"

namespace tug::runtimed {
namespace {

using runtime::v1::Container;

constexpr int kKilledCode = 137;
constexpr absl::Duration kKillWait = absl::Seconds(1);

// Stores the end; answers the record and whether it is started again.
absl::StatusOr<RecordPtr> StoreExit(Runtime& rt, const ContainerRecord& before,
                                    const ExitFacts& facts, bool restarts) {
  return rt.catalog.Update(
      before.container().id(), Persist::kSynced, [&](ContainerRecord& r) {
        Container& c = *r.mutable_container();
        const auto state =
            NextState(c.state(), restarts ? Transition::kExitToRestart
                                          : Transition::kExit);
        if (state.ok()) c.set_state(*state);
        c.set_pid(0);
        c.set_exit_code(facts.exit_code);
        c.set_oom_killed(facts.oom_killed);
        c.set_error(facts.error);
        *c.mutable_finished_at() = ToTimestamp(facts.finished);
        if (restarts) c.set_restart_count(c.restart_count() + 1);
        r.set_shim_pid(0);
        return absl::OkStatus();
      });
}

void PublishEnd(Runtime& rt, const Container& container,
                const ExitFacts& facts) {
  if (facts.oom_killed) PublishContainerEvent(rt.events, container, "oom");
  const absl::Duration ran =
      facts.finished - FromTimestamp(container.started_at());
  const int64_t seconds = std::max<int64_t>(0, absl::ToInt64Seconds(ran));
  PublishContainerEvent(rt.events, container, "die",
                        {{"exitCode", absl::StrCat(facts.exit_code)},
                         {"execDuration", absl::StrCat(seconds)}});
}

}  // namespace

void HandleExit(Runtime& rt, const std::string& id, int64_t start_number,
                const ExitFacts& facts) {
  const OperationLocks::Held held(rt.locks, id);
  const auto live = rt.live.Find(id);
  if (live == nullptr || live->start_number != start_number) return;
  const auto before = rt.catalog.Get(id);
  if (!before.ok()) return;
  const Container& was = (*before)->container();
  const bool restarts =
      was.state() != runtime::v1::CONTAINER_STATE_REMOVING &&
      PolicyRestarts(was.host_config().restart_policy(), facts.exit_code,
                     was.manually_stopped(), was.restart_count());
  const auto after = StoreExit(rt, **before, facts, restarts);
  if (!after.ok()) {
    // Not acknowledged: the shim keeps the facts, and we try again.
    LogIfError(after.status(), "store the end of a container");
    rt.executor
        .SubmitAt(absl::Now() + absl::Seconds(1),
                  [=, &rt] { HandleExit(rt, id, start_number, facts); })
        .IgnoreError();
    return;
  }
  EndExecsOf(rt, id);
  rt.health.Stop(id);
  live->shim->Send(NewShimMessage(ShimMessageType::kAckExit)).IgnoreError();
  rt.live.Erase(id, start_number);
  rt.sweeper.Sweep(live->cgroup_path);
  if (!restarts) rt.live.DropNetwork(id);
  PublishEnd(rt, (*after)->container(), facts);
  if (restarts) {
    SchedulePolicyRestart(rt, **after,
                          facts.finished - FromTimestamp(was.started_at()));
  } else {
    rt.backoff.Forget(id);
  }
  rt.exits.NotifyExit(id, facts.exit_code, FindLogEnd(was.log_path()));
}

std::optional<ExitFacts> ReadExitRecord(const std::string& path) {
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  ExitRecord record = {};
  if (!fd || read(fd.get(), &record, sizeof(record)) != sizeof(record) ||
      record.magic != kExitRecordMagic) {
    return std::nullopt;
  }
  ExitFacts facts;
  facts.exit_code = record.exit_code;
  facts.oom_killed = record.oom_killed != 0;
  facts.finished = absl::FromUnixNanos(record.finished);
  return facts;
}

void HandleShimEnd(Runtime& rt, const std::string& id, int64_t start_number) {
  const auto live = rt.live.Find(id);
  if (live == nullptr || live->start_number != start_number) return;
  // Without a connection it is of no use, should it live.
  ReapShim(live->shim_pidfd.get(), /*kill=*/true, kKillWait);
  LogIfError(KillCgroup(rt.cgroups, live->cgroup_path),
             "kill a container whose shim has died");
  std::optional<ExitFacts> facts = ReadExitRecord(rt.ExitRecordPath(id));
  if (!facts.has_value()) {
    LogWarning("the shim of a container has died", {{"container", id}});
    facts.emplace();
    facts->exit_code = kKilledCode;
    facts->finished = absl::Now();
    facts->error = "the container's shim was killed";
  }
  HandleExit(rt, id, start_number, *facts);
}

}  // namespace tug::runtimed
