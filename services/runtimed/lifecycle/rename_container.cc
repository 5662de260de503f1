// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/lifecycle/rename_container.h"

#include "absl/strings/strip.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/runtimed/events/container_events.h"
#include "services/runtimed/spec/spec_error.h"

namespace tug::runtimed {

absl::StatusOr<RecordPtr> RenameContainer(
    Runtime& rt, const runtime::v1::RenameContainerRequest& request) {
  const OperationLocks::Held held(rt.locks, request.id());
  ASSIGN_OR_RETURN(const RecordPtr before, rt.catalog.Get(request.id()));
  const std::string name(absl::StripPrefix(request.name(), "/"));
  if (name.empty()) {
    return SpecError("Neither old nor new names may be empty");
  }
  const std::string& old = before->container().name();
  if (name == old) {
    return SpecError(
        "Renaming a container with the same name as its current "
        "name");
  }
  if (before->container().state() == runtime::v1::CONTAINER_STATE_CREATING) {
    return WithReason(
        absl::FailedPreconditionError("the container is still being created"),
        "CONTAINER_STATE");
  }
  ASSIGN_OR_RETURN(RecordPtr after, rt.catalog.Rename(request.id(), name));
  PublishContainerEvent(rt.events, after->container(), "rename",
                        {{"oldName", absl::StrCat("/", old)}});
  return after;
}

}  // namespace tug::runtimed
