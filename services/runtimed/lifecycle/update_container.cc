// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/lifecycle/update_container.h"

#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/runtimed/containers/state_machine.h"
#include "services/runtimed/events/container_events.h"
#include "services/runtimed/spec/resources.h"
#include "services/runtimed/spec/spec_error.h"

namespace tug::runtimed {
namespace {

using runtime::v1::HostConfig;

absl::Status MergePolicy(const HostConfig& update, HostConfig& host) {
  if (update.restart_policy().name().empty()) return absl::OkStatus();
  const std::string& name = update.restart_policy().name();
  if (host.auto_remove() && name != "no") {
    return SpecError(
        "Restart policy cannot be updated because AutoRemove is enabled for "
        "the container");
  }
  if (name != "no" && name != "always" && name != "unless-stopped" &&
      name != "on-failure") {
    return SpecError(
        absl::StrCat("invalid restart policy: unknown policy '", name, "'"));
  }
  if (name != "on-failure" &&
      update.restart_policy().maximum_retry_count() != 0) {
    return SpecError(
        "invalid restart policy: maximum retry count can only be used with "
        "'on-failure'");
  }
  *host.mutable_restart_policy() = update.restart_policy();
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<runtime::v1::UpdateContainerResponse> UpdateContainer(
    Runtime& rt, const runtime::v1::UpdateContainerRequest& request) {
  const OperationLocks::Held held(rt.locks, request.id());
  ASSIGN_OR_RETURN(const RecordPtr record, rt.catalog.Get(request.id()));
  const runtime::v1::ContainerState state = record->container().state();
  if (state == runtime::v1::CONTAINER_STATE_REMOVING) {
    return WithReason(
        absl::FailedPreconditionError(absl::StrCat(
            "container is ", StateName(state), " and cannot be updated")),
        "CONTAINER_REMOVING");
  }
  HostConfig host = record->container().host_config();
  RETURN_IF_ERROR(MergeResources(request.host_config(), host));
  RETURN_IF_ERROR(MergePolicy(request.host_config(), host));
  std::vector<std::string> warnings;
  RETURN_IF_ERROR(CheckResources(host, rt.facts.support, warnings));
  if (HasProcess(state)) {
    ASSIGN_OR_RETURN(const auto group, rt.cgroups.Open(record->cgroup_path()));
    ASSIGN_OR_RETURN(const cgroup::Resources resources,
                     ResourcesOf(host, rt.facts.support));
    RETURN_IF_ERROR(Annotate(group->Apply(resources),
                             absl::StrCat("update container ", request.id())));
  }
  ASSIGN_OR_RETURN(const RecordPtr after,
                   rt.catalog.Update(
                       request.id(), Persist::kSynced, [&](ContainerRecord& r) {
                         *r.mutable_container()->mutable_host_config() = host;
                         return absl::OkStatus();
                       }));
  PublishContainerEvent(rt.events, after->container(), "update");
  runtime::v1::UpdateContainerResponse response;
  for (std::string& warning : warnings) {
    response.add_warnings(std::move(warning));
  }
  return response;
}

}  // namespace tug::runtimed
