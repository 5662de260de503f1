// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/gatewayd/operations/named_error.h"
#include "services/gatewayd/operations/remove_container.h"
#include "services/gatewayd/operations/rename_container.h"
#include "services/gatewayd/operations/restart_container.h"
#include "services/gatewayd/operations/start_container.h"
#include "services/gatewayd/routes/containers/handlers.h"
#include "services/gatewayd/server/docker_error.h"

namespace tug::gatewayd {
namespace {

// First version whose stop and restart take a signal.
constexpr ApiVersion kStopSignal = {1, 42};

absl::StatusOr<runtime::v1::StopContainerRequest> StopRequest(
    const RequestContext& context, const std::string& id) {
  runtime::v1::StopContainerRequest request;
  request.set_id(id);
  if (context.version() >= kStopSignal) {
    request.set_signal(context.query().Get("signal"));
  }
  if (!context.query().Get("t").empty()) {
    ASSIGN_OR_RETURN(const int64_t seconds, context.QueryInt("t", 0));
    constexpr int64_t kLongest = std::numeric_limits<int32_t>::max();
    request.set_timeout(
        static_cast<int32_t>(std::clamp<int64_t>(seconds, -1, kLongest)));
  }
  return request;
}

// "container/alias", as a linked container is called by who links to it.
absl::Status RemoveLink(const ContainerParts& parts, RequestContext& context) {
  const std::string& name = context.parameter();
  const size_t slash = name.rfind('/');
  if (slash == name.npos || slash == 0) {
    RETURN_IF_ERROR(FindContainerId(parts, context).status());
    return DockerError(500,
                       "Conflict, cannot remove the default link name of the "
                       "container");
  }
  const absl::Status unknown =
      DockerError(404, absl::StrCat("No such container: ", name));
  runtime::v1::GetContainerRequest find;
  find.set_reference(name.substr(0, slash));
  const auto container = parts.peers.containers.GetContainer(find);
  if (absl::IsNotFound(container.status())) return unknown;
  RETURN_IF_ERROR(container.status());
  network::v1::RemoveLinkRequest request;
  request.set_lease(container->id());
  request.set_alias(name.substr(slash + 1));
  const absl::Status removed = parts.peers.sandboxes.RemoveLink(request);
  if (absl::IsNotFound(removed)) return unknown;
  RETURN_IF_ERROR(removed);
  return context.RespondEmpty(204);
}

}  // namespace

absl::Status Start(const ContainerParts& parts, RequestContext& context) {
  ASSIGN_OR_RETURN(const std::string id, FindContainerId(parts, context));
  RETURN_IF_ERROR(
      StartContainer(parts.peers, parts.locks, id, &context.client_gone()));
  return context.RespondEmpty(204);
}

absl::Status Stop(const ContainerParts& parts, RequestContext& context) {
  ASSIGN_OR_RETURN(const std::string id, FindContainerId(parts, context));
  ASSIGN_OR_RETURN(const auto request, StopRequest(context, id));
  // The runtime goes on with the stop; nobody waits for it.
  ASSIGN_OR_RETURN(const auto stopped, parts.peers.containers.StopContainer(
                                           request, &context.client_gone()));
  return context.RespondEmpty(stopped.was_running() ? 204 : 304);
}

absl::Status Restart(const ContainerParts& parts, RequestContext& context) {
  ASSIGN_OR_RETURN(const std::string id, FindContainerId(parts, context));
  ASSIGN_OR_RETURN(const auto request, StopRequest(context, id));
  RETURN_IF_ERROR(RestartContainer(parts.peers, parts.locks, request,
                                   &context.client_gone()));
  return context.RespondEmpty(204);
}

absl::Status Kill(const ContainerParts& parts, RequestContext& context) {
  const std::string prefix =
      absl::StrCat("cannot kill container: ", context.parameter(), ": ");
  const auto container = FindContainer(parts, context);
  if (!container.ok()) {
    return NamedError(container.status(), context.parameter(), prefix);
  }
  runtime::v1::KillContainerRequest request;
  request.set_id(container->id());
  request.set_signal(context.query().Get("signal"));
  const absl::Status killed = parts.peers.containers.KillContainer(request);
  if (StatusReason(killed) == "CONTAINER_NOT_RUNNING") {
    return DockerError(409, absl::StrCat(prefix, "container ", container->id(),
                                         " is not running"));
  }
  RETURN_IF_ERROR(killed);
  return context.RespondEmpty(204);
}

absl::Status Pause(const ContainerParts& parts, RequestContext& context) {
  ASSIGN_OR_RETURN(const auto container, FindContainer(parts, context));
  context.subject = container.id();
  runtime::v1::PauseContainerRequest request;
  request.set_id(container.id());
  const auto paused = parts.peers.containers.PauseContainer(request);
  if (StatusReason(paused.status()) == "CONTAINER_PAUSED") {
    return DockerError(
        409, absl::StrCat("container ", container.id(), " is already paused"));
  }
  RETURN_IF_ERROR(paused.status());
  return context.RespondEmpty(204);
}

absl::Status Unpause(const ContainerParts& parts, RequestContext& context) {
  ASSIGN_OR_RETURN(const auto container, FindContainer(parts, context));
  context.subject = container.id();
  runtime::v1::UnpauseContainerRequest request;
  request.set_id(container.id());
  const auto thawed = parts.peers.containers.UnpauseContainer(request);
  // Docker does not tell one that does not run from one that is not paused.
  if (StatusReason(thawed.status()) == "CONTAINER_NOT_RUNNING") {
    return DockerError(
        500, absl::StrCat("Container ", container.id(), " is not paused"));
  }
  RETURN_IF_ERROR(thawed.status());
  return context.RespondEmpty(204);
}

absl::Status Rename(const ContainerParts& parts, RequestContext& context) {
  const std::string name = context.query().Get("name");
  if (name.empty()) {
    return DockerError(400, "Neither old nor new names may be empty");
  }
  ASSIGN_OR_RETURN(const auto container, FindContainer(parts, context));
  RETURN_IF_ERROR(RenameContainer(parts.peers, parts.locks, container, name,
                                  &context.client_gone()));
  return context.RespondEmpty(204);
}

absl::Status Remove(const ContainerParts& parts, RequestContext& context) {
  if (context.QueryBool("link")) return RemoveLink(parts, context);
  ASSIGN_OR_RETURN(const std::string id, FindContainerId(parts, context));
  RETURN_IF_ERROR(
      RemoveContainer(parts.peers, parts.locks, id, context.QueryBool("force"),
                      context.QueryBool("v"), &context.client_gone()));
  return context.RespondEmpty(204);
}

}  // namespace tug::gatewayd
