// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/lifecycle/update_container.h"

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/runtimed/containers/state_machine.h"
#include "services/runtimed/events/container_events.h"
#include "services/runtimed/spec/resource_update.h"
#include "services/runtimed/spec/restart_policy_spec.h"

namespace tug::runtimed {
namespace {

using runtime::v1::HostConfig;
using runtime::v1::UpdateContainerRequest;

// An empty name is "not given", as Docker's clients send it.
absl::Status MergePolicy(const UpdateContainerRequest& request,
                         HostConfig& host) {
  if (!request.has_restart_policy()) return absl::OkStatus();
  const std::string& name = request.restart_policy().name();
  if (name.empty()) return absl::OkStatus();
  if (host.auto_remove() && name != "no") {
    return UpdateConflict(
        "Restart policy cannot be updated because AutoRemove is enabled for "
        "the container");
  }
  *host.mutable_restart_policy() = request.restart_policy();
  return absl::OkStatus();
}

// The settings after the update.
absl::StatusOr<HostConfig> Merge(const UpdateContainerRequest& request,
                                 const runtime::v1::Container& container) {
  if (container.state() == runtime::v1::CONTAINER_STATE_REMOVING) {
    return UpdateConflict(
        "container is marked for removal and cannot be \"update\"");
  }
  HostConfig host = container.host_config();
  RETURN_IF_ERROR(MergeUpdate(request.resources(), host));
  RETURN_IF_ERROR(MergePolicy(request, host));
  return host;
}

}  // namespace

absl::StatusOr<runtime::v1::UpdateContainerResponse> UpdateContainer(
    Runtime& rt, const runtime::v1::UpdateContainerRequest& request) {
  const OperationLocks::Held held(rt.locks, request.id());
  ASSIGN_OR_RETURN(const RecordPtr record, rt.catalog.Get(request.id()));
  std::vector<std::string> warnings;
  RETURN_IF_ERROR(CheckUpdate(request.resources(), rt.facts.support, warnings));
  RETURN_IF_ERROR(CheckRestartPolicy(request.restart_policy()));
  auto merged = Merge(request, record->container());
  if (!merged.ok()) return WithMetadata(merged.status(), "id", request.id());
  const HostConfig& host = *merged;
  if (HasProcess(record->container().state())) {
    ASSIGN_OR_RETURN(const auto group, rt.cgroups.Open(record->cgroup_path()));
    ASSIGN_OR_RETURN(
        const cgroup::Resources resources,
        UpdatedResources(request.resources(), host, rt.facts.support));
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
