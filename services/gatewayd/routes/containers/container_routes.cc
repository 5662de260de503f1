// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/routes/containers/container_routes.h"

#include <string>

#include "lib/base/id.h"
#include "lib/base/status_macros.h"
#include "services/gatewayd/routes/containers/handlers.h"
#include "services/gatewayd/server/docker_error.h"

namespace tug::gatewayd {
namespace {

using PartHandler = absl::Status (*)(const ContainerParts&, RequestContext&);

// A container that does not exist is said first.
absl::Status Unbuilt(const ContainerParts& parts, RequestContext& context,
                     absl::string_view what) {
  RETURN_IF_ERROR(FindContainer(parts, context).status());
  return DockerError(501, what);
}

constexpr char kNoArchive[] =
    "copying files to and from containers is not built yet: use a volume, or "
    "tar inside the container with 'docker exec -i'";

absl::Status Archive(const ContainerParts& parts, RequestContext& context) {
  if (context.query().Get("path").empty()) {
    return DockerError(400, "bad parameter: path cannot be empty");
  }
  return Unbuilt(parts, context, kNoArchive);
}

constexpr char kNoExport[] =
    "export is not built yet: use 'docker save' of the image, or tar inside "
    "the container with 'docker exec'";

absl::Status Export(const ContainerParts& parts, RequestContext& context) {
  return Unbuilt(parts, context, kNoExport);
}

}  // namespace

absl::StatusOr<runtime::v1::Container> FindContainer(
    const ContainerParts& parts, const RequestContext& context) {
  runtime::v1::GetContainerRequest request;
  request.set_reference(context.parameter());
  return parts.peers.containers.GetContainer(request);
}

absl::StatusOr<std::string> FindContainerId(const ContainerParts& parts,
                                            const RequestContext& context) {
  if (IsId(context.parameter())) return context.parameter();
  ASSIGN_OR_RETURN(const auto container, FindContainer(parts, context));
  return container.id();
}

std::vector<Route> ContainerRoutes(const Peers& peers, ContainerLocks& locks) {
  const auto with = [&peers, &locks](PartHandler handler) {
    return [parts = ContainerParts{peers, locks}, handler](
               RequestContext& context) { return handler(parts, context); };
  };
  const ApiVersion any = kOldestApi;
  return {
      {"GET", "/containers/json", any, with(ListContainers)},
      {"POST", "/containers/create", any, with(CreateFromBody)},
      {"POST", "/containers/prune", {1, 25}, with(Prune)},
      {"GET", "/containers/{name}/json", any, with(InspectContainer)},
      {"POST", "/containers/{name}/start", any, with(Start)},
      {"POST", "/containers/{name}/stop", any, with(Stop)},
      {"POST", "/containers/{name}/restart", any, with(Restart)},
      {"POST", "/containers/{name}/kill", any, with(Kill)},
      {"POST", "/containers/{name}/pause", any, with(Pause)},
      {"POST", "/containers/{name}/unpause", any, with(Unpause)},
      {"POST", "/containers/{name}/rename", any, with(Rename)},
      {"POST", "/containers/{name}/update", any, with(Update)},
      {"POST", "/containers/{name}/wait", any, with(Wait)},
      {"POST", "/containers/{name}/resize", any, with(Resize)},
      {"POST", "/containers/{name}/attach", any, with(Attach)},
      {"GET", "/containers/{name}/attach/ws", any, with(AttachWebSocket)},
      {"GET", "/containers/{name}/logs", any, with(Logs)},
      {"GET", "/containers/{name}/top", any, with(Top)},
      {"GET", "/containers/{name}/stats", any, with(Stats)},
      {"GET", "/containers/{name}/changes", any, with(Changes)},
      {"GET", "/containers/{name}/export", any, with(Export)},
      {"HEAD", "/containers/{name}/archive", any, with(Archive)},
      {"GET", "/containers/{name}/archive", any, with(Archive)},
      {"PUT", "/containers/{name}/archive", any, with(Archive)},
      {"DELETE", "/containers/{name}", any, with(Remove)},
  };
}

}  // namespace tug::gatewayd
