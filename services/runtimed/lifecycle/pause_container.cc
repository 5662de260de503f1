// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/lifecycle/pause_container.h"

#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/runtimed/containers/state_machine.h"
#include "services/runtimed/events/container_events.h"

namespace tug::runtimed {
namespace {

absl::StatusOr<RecordPtr> Change(Runtime& rt, const std::string& id,
                                 Transition transition, const char* event) {
  const OperationLocks::Held held(rt.locks, id);
  ASSIGN_OR_RETURN(const RecordPtr record, rt.catalog.Get(id));
  ASSIGN_OR_RETURN(const runtime::v1::ContainerState state,
                   NextState(record->container().state(), transition));
  ASSIGN_OR_RETURN(const auto group, rt.cgroups.Open(record->cgroup_path()));
  RETURN_IF_ERROR(Annotate(
      transition == Transition::kPause ? group->Freeze() : group->Thaw(),
      absl::StrCat(event, " container ", id)));
  ASSIGN_OR_RETURN(
      RecordPtr after,
      rt.catalog.Update(id, Persist::kUnsynced, [&](ContainerRecord& r) {
        r.mutable_container()->set_state(state);
        return absl::OkStatus();
      }));
  PublishContainerEvent(rt.events, after->container(), event);
  return after;
}

}  // namespace

absl::StatusOr<RecordPtr> PauseContainer(Runtime& rt, const std::string& id) {
  return Change(rt, id, Transition::kPause, "pause");
}

absl::StatusOr<RecordPtr> UnpauseContainer(Runtime& rt, const std::string& id) {
  return Change(rt, id, Transition::kUnpause, "unpause");
}

}  // namespace tug::runtimed
