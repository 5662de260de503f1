// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/lifecycle/remove_container.h"

#include <filesystem>
#include <system_error>

#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/runtimed/containers/state_machine.h"
#include "services/runtimed/events/container_events.h"
#include "services/runtimed/execs/exec_end.h"
#include "services/runtimed/lifecycle/cgroup_of.h"
#include "services/runtimed/lifecycle/policy_restart.h"
#include "services/runtimed/lifecycle/signals.h"

namespace tug::runtimed {
namespace {

using runtime::v1::BeginRemoveContainerRequest;
using runtime::v1::Container;

// Under the operation lock: REMOVING if nothing runs; else, by force, turns
// the policy off. `running` then has the record to kill.
absl::StatusOr<RecordPtr> TryMark(Runtime& rt,
                                  const BeginRemoveContainerRequest& request,
                                  RecordPtr& running) {
  const OperationLocks::Held held(rt.locks, request.id());
  ASSIGN_OR_RETURN(RecordPtr record, rt.catalog.Get(request.id()));
  const Transition transition =
      request.force() ? Transition::kRemoveByForce : Transition::kRemove;
  ASSIGN_OR_RETURN(const runtime::v1::ContainerState state,
                   NextState(record->container().state(), transition));
  if (record->container().state() == runtime::v1::CONTAINER_STATE_RESTARTING) {
    ASSIGN_OR_RETURN(record, CancelPolicyRestart(rt, request.id()));
  }
  if (HasProcess(record->container().state())) {
    ASSIGN_OR_RETURN(
        running, rt.catalog.Update(
                     request.id(), Persist::kMemory, [](ContainerRecord& r) {
                       r.mutable_container()->set_manually_stopped(true);
                       return absl::OkStatus();
                     }));
    return running;
  }
  return rt.catalog.Update(
      request.id(), Persist::kSynced, [&](ContainerRecord& r) {
        Container& c = *r.mutable_container();
        c.set_state(state);
        c.set_removes_anonymous_volumes(request.remove_anonymous_volumes() ||
                                        c.host_config().auto_remove());
        return absl::OkStatus();
      });
}

void RemoveFiles(Runtime& rt, const std::string& id) {
  std::error_code error;
  std::filesystem::remove_all(rt.RunDirectory(id), error);
  if (error) LogWarning("remove a run directory", {{"container", id}});
  std::filesystem::remove_all(rt.StateDirectory(id), error);
  if (error) LogWarning("remove a container's files", {{"container", id}});
}

}  // namespace

absl::StatusOr<RecordPtr> BeginRemoveContainer(
    Runtime& rt, const BeginRemoveContainerRequest& request) {
  for (;;) {
    const ExitWatch::Watcher watcher(rt.exits, request.id());
    RecordPtr running;
    ASSIGN_OR_RETURN(RecordPtr record, TryMark(rt, request, running));
    if (running == nullptr) return record;
    RETURN_IF_ERROR(KillAndAwait(rt, *running, watcher));
    // Somebody may have started it again in between: then once more.
  }
}

absl::Status FinishRemoveContainer(Runtime& rt, const std::string& id) {
  const OperationLocks::Held held(rt.locks, id);
  const auto record = rt.catalog.Get(id);
  if (!record.ok()) return absl::OkStatus();
  const runtime::v1::Container& container = (*record)->container();
  if (container.state() != runtime::v1::CONTAINER_STATE_REMOVING) {
    return WithReason(
        absl::FailedPreconditionError(
            absl::StrCat("container ", id, " is ", StateName(container.state()),
                         ": begin its removal first")),
        "CONTAINER_STATE");
  }
  // Unsynced: after a power cut the synced mark has it removed again.
  return ForgetContainer(rt, container, Persist::kUnsynced);
}

absl::Status ForgetContainer(Runtime& rt, const Container& container,
                             Persist persist) {
  const std::string& id = container.id();
  rt.parked.Take(id);
  rt.live.DropNetwork(id);
  rt.backoff.Forget(id);
  rt.health.Forget(id);
  ForgetExecsOf(rt, id);
  RETURN_IF_ERROR(rt.catalog.Remove(id, persist));
  rt.sweeper.Sweep(CgroupPathOf(rt.config, container));
  PublishContainerEvent(rt.events, container, "destroy");
  rt.exits.NotifyRemoved(id, "");
  return rt.executor.Submit([&rt, id] { RemoveFiles(rt, id); });
}

}  // namespace tug::runtimed
