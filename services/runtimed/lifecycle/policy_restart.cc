// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/lifecycle/policy_restart.h"

#include "absl/time/clock.h"
#include "lib/base/log.h"
#include "lib/base/status_macros.h"
#include "services/runtimed/containers/timestamps.h"
#include "services/runtimed/events/container_events.h"
#include "services/runtimed/lifecycle/launch.h"

namespace tug::runtimed {
namespace {

constexpr absl::Duration kStoreAgain = absl::Seconds(1);

// The record, unless somebody has stopped, removed or started it meanwhile.
RecordPtr FindWaiting(Runtime& rt, const std::string& id, int64_t starts) {
  const auto record = rt.catalog.Get(id);
  if (!record.ok() || (*record)->starts() != starts ||
      (*record)->container().state() !=
          runtime::v1::CONTAINER_STATE_RESTARTING) {
    return nullptr;
  }
  return *record;
}

void GiveUpAgain(Runtime& rt, const std::string& id, int64_t starts,
                 const StartError& failure);

// What kept it from starting is the end of the story, as with Docker. The
// caller holds the operation lock.
void GiveUp(Runtime& rt, const std::string& id, int64_t starts,
            const StartError& failure) {
  const auto record =
      rt.catalog.Update(id, Persist::kSynced, [&](ContainerRecord& r) {
        r.mutable_container()->set_state(runtime::v1::CONTAINER_STATE_EXITED);
        r.mutable_container()->set_exit_code(failure.exit_code);
        r.mutable_container()->set_error(failure.text);
        return absl::OkStatus();
      });
  if (!record.ok()) {
    // Unrecorded it would be RESTARTING for ever, with nobody to restart it.
    LogIfError(record.status(), "store a failed restart");
    LogIfError(rt.executor.SubmitAt(
                   absl::Now() + kStoreAgain,
                   [=, &rt] { GiveUpAgain(rt, id, starts, failure); }),
               "store a failed restart later");
    return;
  }
  rt.live.DropNetwork(id);
  rt.backoff.Forget(id);
  rt.exits.NotifyExit(id, failure.exit_code);
  PublishSettled(rt.events, id);
}

void GiveUpAgain(Runtime& rt, const std::string& id, int64_t starts,
                 const StartError& failure) {
  const OperationLocks::Held held(rt.locks, id);
  if (FindWaiting(rt, id, starts) != nullptr) GiveUp(rt, id, starts, failure);
}

void RestartNow(Runtime& rt, const std::string& id, int64_t starts) {
  const OperationLocks::Held held(rt.locks, id);
  const RecordPtr record = FindWaiting(rt, id, starts);
  if (record == nullptr) return;
  StartError failure;
  const auto running = Launch(rt, *record, rt.live.CopyNetwork(id), failure);
  if (running.ok()) return;
  LogWarning("a container cannot be restarted",
             {{"container", id}, {"error", failure.text}});
  GiveUp(rt, id, starts, failure);
}

}  // namespace

void SchedulePolicyRestart(Runtime& rt, const ContainerRecord& record,
                           absl::Duration ran_for) {
  const std::string id = record.container().id();
  const int64_t starts = record.starts();
  const absl::Time when = absl::Now() + rt.backoff.Next(id, ran_for);
  LogIfError(rt.launches.SubmitAt(
                 when, [&rt, id, starts] { RestartNow(rt, id, starts); }),
             "schedule a restart");
}

absl::StatusOr<RecordPtr> CancelPolicyRestart(Runtime& rt,
                                              const std::string& id) {
  ASSIGN_OR_RETURN(
      RecordPtr record,
      rt.catalog.Update(id, Persist::kSynced, [](ContainerRecord& r) {
        r.mutable_container()->set_state(runtime::v1::CONTAINER_STATE_EXITED);
        r.mutable_container()->set_manually_stopped(true);
        return absl::OkStatus();
      }));
  rt.live.DropNetwork(id);
  rt.backoff.Forget(id);
  rt.exits.NotifyExit(id, record->container().exit_code());
  PublishSettled(rt.events, id);
  return record;
}

}  // namespace tug::runtimed
