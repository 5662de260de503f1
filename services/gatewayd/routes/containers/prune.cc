// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "boost/json/array.hpp"
#include "boost/json/object.hpp"
#include "lib/base/log.h"
#include "lib/base/status_macros.h"
#include "services/gatewayd/events/own_events.h"
#include "services/gatewayd/operations/remove_container.h"
#include "services/gatewayd/peers/list_pages.h"
#include "services/gatewayd/routes/containers/handlers.h"
#include "services/gatewayd/server/docker_error.h"
#include "services/gatewayd/translate/filters.h"
#include "services/gatewayd/translate/times.h"

namespace tug::gatewayd {
namespace {

namespace json = boost::json;
using runtime::v1::Container;

constexpr absl::string_view kKnown[] = {"label", "label!", "until"};
// How long a container that somebody is busy with holds a prune up.
constexpr absl::Duration kPatience = absl::Seconds(5);

bool IsEnded(const Container& container) {
  switch (container.state()) {
    case runtime::v1::CONTAINER_STATE_CREATED:
    case runtime::v1::CONTAINER_STATE_EXITED:
      return true;
    default:
      return false;
  }
}

// Ids only: what a container carries besides is of any size.
absl::StatusOr<std::vector<std::string>> Candidates(
    const ContainerParts& parts, const Filters& filters,
    const std::optional<absl::Time>& until) {
  std::vector<std::string> chosen;
  runtime::v1::ListContainersRequest request;
  request.set_view(runtime::v1::CONTAINER_VIEW_BASIC);
  const auto take = [&](runtime::v1::ListContainersResponse& page) {
    for (const Container& container : page.containers()) {
      const auto& labels = container.config().labels().values();
      if (IsEnded(container) && filters.MatchLabels("label", labels) &&
          !filters.AnyLabel("label!", labels) &&
          (!until.has_value() || ToTime(container.created()) < *until)) {
        chosen.push_back(container.id());
      }
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(ReadPages(parts.peers.containers,
                            &ContainerClient::ListContainers, request, take));
  return chosen;
}

int64_t WritableBytes(const ContainerParts& parts, const std::string& id) {
  image::v1::GetUsageRequest request;
  request.set_lease(id);
  const auto usage = parts.peers.snapshots.GetUsage(request);
  return usage.ok() ? usage->writable_bytes() : 0;
}

absl::Status RemoveUnused(const ContainerParts& parts, const std::string& id,
                          Cancellation& client_gone) {
  ASSIGN_OR_RETURN(const ContainerLocks::Lock lock,
                   parts.locks.Acquire(id, &client_gone, kPatience));
  return RemoveLocked(parts.peers, id, /*force=*/false,
                      /*remove_anonymous_volumes=*/false);
}

}  // namespace

absl::Status Prune(const ContainerParts& parts, RequestContext& context) {
  ASSIGN_OR_RETURN(const Filters filters,
                   Filters::Parse(context.query().Get("filters"), kKnown));
  ASSIGN_OR_RETURN(const auto until, filters.Until(absl::Now()));
  ASSIGN_OR_RETURN(const std::vector<std::string> chosen,
                   Candidates(parts, filters, until));
  json::value deleted = nullptr;
  int64_t reclaimed = 0;
  for (const std::string& id : chosen) {
    if (context.client_gone().cancelled()) {
      return absl::CancelledError("the client left during a prune");
    }
    const int64_t bytes = WritableBytes(parts, id);
    const absl::Status removed = RemoveUnused(parts, id, context.client_gone());
    // One that was started meanwhile, or is busy, simply stays.
    if (!removed.ok()) {
      LogIfError(removed, "prune a container");
      continue;
    }
    if (deleted.is_null()) deleted.emplace_array();
    deleted.get_array().emplace_back(id);
    reclaimed += bytes;
  }
  PublishPrune(parts.peers.own_events, "container", reclaimed);
  return context.RespondJson(200, json::object{{"ContainersDeleted", deleted},
                                               {"SpaceReclaimed", reclaimed}});
}

}  // namespace tug::gatewayd
