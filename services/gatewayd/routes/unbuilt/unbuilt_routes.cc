// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/routes/unbuilt/unbuilt_routes.h"

#include "absl/strings/str_cat.h"
#include "boost/json/array.hpp"
#include "boost/json/object.hpp"
#include "lib/base/status_macros.h"
#include "services/gatewayd/builder/builder_door.h"
#include "services/gatewayd/routes/unbuilt/unbuilt_checks.h"
#include "services/gatewayd/server/docker_error.h"
#include "services/gatewayd/translate/filters.h"

namespace tug::gatewayd {
namespace {

// What one kind of missing route is answered with.
struct Answer {
  int status;
  const char* message;
};

constexpr Answer kNoSwarm = {
    503,
    "This node is not a swarm manager. Use \"docker swarm init\" or \"docker "
    "swarm join\" to connect this node to swarm and try again."};
constexpr Answer kNotInSwarm = {503, "This node is not part of a swarm"};
constexpr Answer kSwarmUnbuilt = {
    501,
    "swarm mode is not built yet: run the containers on this node with docker "
    "run or docker compose"};
constexpr Answer kBuild = {501, kNoBuilder};
constexpr Answer kCommit = {
    501,
    "commit is not built yet: export what you need with docker cp, and make "
    "an image of it with docker import"};
constexpr Answer kPush = {
    501,
    "push is not built yet: docker save the image and send the archive with "
    "skopeo copy docker-archive:FILE docker://REFERENCE"};
constexpr Answer kSearch = {
    501,
    "search is not built yet: search on the registry's own pages, and pull by "
    "name"};
constexpr Answer kPlugin = {
    501,
    "managed plugins are not built yet: only the built-in drivers are there"};
constexpr Answer kCheckpoint = {
    501,
    "checkpoints are not built yet: stop the container and start it again"};
constexpr Answer kDebug = {
    501,
    "the engine's debug routes are not built yet: read the services' logs, "
    "and attach a debugger to the process of the service that you suspect"};

struct Row {
  const char* method;
  const char* pattern;
  int since;  // Minor version of API 1.
  const Answer& answer;
  // Comes before the answer; may be null.
  RequestCheck check = nullptr;
};

constexpr Row kRows[] = {
    {"GET", "/swarm", 24, kNoSwarm},
    {"POST", "/swarm/init", 24, kSwarmUnbuilt, CheckBody},
    {"POST", "/swarm/join", 24, kSwarmUnbuilt, CheckBody},
    {"POST", "/swarm/leave", 24, kNotInSwarm},
    {"POST", "/swarm/update", 24, kNoSwarm, CheckSwarmUpdate},
    {"GET", "/swarm/unlockkey", 25, kNoSwarm},
    {"POST", "/swarm/unlock", 25, kNoSwarm, CheckBody},
    {"GET", "/nodes", 24, kNoSwarm, CheckNodeFilters},
    {"GET", "/nodes/{id}", 24, kNoSwarm},
    {"DELETE", "/nodes/{id}", 24, kNoSwarm},
    {"POST", "/nodes/{id}/update", 24, kNoSwarm, CheckNodeUpdate},
    {"GET", "/services", 24, kNoSwarm, CheckServiceFilters},
    {"POST", "/services/create", 24, kNoSwarm, CheckBody},
    {"GET", "/services/{id}/logs", 25, kNoSwarm, CheckLogStreams},
    {"GET", "/services/{id}", 24, kNoSwarm},
    {"DELETE", "/services/{id}", 24, kNoSwarm},
    {"POST", "/services/{id}/update", 24, kNoSwarm, CheckServiceUpdate},
    {"GET", "/tasks", 24, kNoSwarm, CheckTaskFilters},
    {"GET", "/tasks/{id}/logs", 29, kNoSwarm, CheckLogStreams},
    {"GET", "/tasks/{id}", 24, kNoSwarm},
    {"GET", "/secrets", 25, kNoSwarm, CheckSecretFilters},
    {"POST", "/secrets/create", 25, kNoSwarm, CheckBody},
    {"GET", "/secrets/{id}", 25, kNoSwarm},
    {"DELETE", "/secrets/{id}", 25, kNoSwarm},
    {"POST", "/secrets/{id}/update", 25, kNoSwarm, CheckSecretUpdate},
    {"GET", "/configs", 30, kNoSwarm, CheckSecretFilters},
    {"POST", "/configs/create", 30, kNoSwarm, CheckBody},
    {"GET", "/configs/{id}", 30, kNoSwarm},
    {"DELETE", "/configs/{id}", 30, kNoSwarm},
    {"POST", "/configs/{id}/update", 30, kNoSwarm, CheckConfigUpdate},
    {"GET", "/plugins/privileges", 25, kPlugin},
    {"POST", "/plugins/pull", 25, kPlugin, CheckBody},
    {"POST", "/plugins/create", 25, kPlugin},
    {"GET", "/plugins/{name}/json", 25, kPlugin, FindPlugin},
    {"DELETE", "/plugins/{name}", 25, kPlugin, FindPlugin},
    {"POST", "/plugins/{name}/enable", 25, kPlugin, FindPluginToEnable},
    {"POST", "/plugins/{name}/disable", 25, kPlugin, FindPlugin},
    {"POST", "/plugins/{name}/upgrade", 26, kPlugin, FindPluginToUpgrade},
    {"POST", "/plugins/{name}/push", 25, kPlugin, FindPlugin},
    {"POST", "/plugins/{name}/set", 25, kPlugin, FindPlugin},
    {"POST", "/build", 0, kBuild},
    {"POST", "/build/cancel", 38, kBuild},
    {"POST", "/commit", 0, kCommit, FindSourceOfCommit},
    {"POST", "/images/{name}/push", 0, kPush, FindImageToPush},
    {"GET", "/images/search", 0, kSearch},
    {"GET", "/containers/{id}/checkpoints", 25, kCheckpoint},
    {"POST", "/containers/{id}/checkpoints", 25, kCheckpoint},
    {"GET", "/debug/vars", 0, kDebug},
    {"GET", "/debug/pprof/", 0, kDebug},
    {"GET", "/debug/pprof/cmdline", 0, kDebug},
    {"GET", "/debug/pprof/profile", 0, kDebug},
    {"GET", "/debug/pprof/symbol", 0, kDebug},
    {"GET", "/debug/pprof/trace", 0, kDebug},
    {"GET", "/debug/pprof/{name}", 0, kDebug, FindProfile},
};

RouteHandler HandlerOf(const Row& row, const Peers& peers) {
  return [&row, &peers](RequestContext& context) {
    if (row.check != nullptr) RETURN_IF_ERROR(row.check(peers, context));
    if (context.exchange().responded()) return absl::OkStatus();
    return DockerError(row.answer.status, row.answer.message);
  };
}

// Clients list plugins without wanting any.
absl::Status ListPlugins(RequestContext& context) {
  static constexpr absl::string_view kKnown[] = {"capability", "enabled"};
  RETURN_IF_ERROR(
      Filters::Parse(context.query().Get("filters"), kKnown).status());
  return context.RespondJson(200, boost::json::array());
}

// There is no build cache to prune; `docker system prune` goes on.
absl::Status PruneBuildCache(RequestContext& context) {
  static constexpr absl::string_view kKnown[] = {
      "description", "id",     "inuse", "mutable", "parent",
      "private",     "shared", "type",  "until",   "unused-for"};
  const std::string text = context.query().Get("filters");
  RETURN_IF_ERROR(Filters::Parse(text, {}).status());
  const absl::Status known = Filters::Parse(text, kKnown).status();
  if (!known.ok()) {
    return DockerError(
        400, absl::StrCat("failed to prune build cache: ", known.message()));
  }
  return context.RespondJson(
      200,
      boost::json::object{{"CachesDeleted", nullptr}, {"SpaceReclaimed", 0}});
}

}  // namespace

std::vector<Route> UnbuiltRoutes(const Peers& peers, BuilderConnector builder) {
  std::vector<Route> routes = {
      {"GET", "/plugins", {1, 25}, ListPlugins},
      {"POST", "/build/prune", {1, 31}, PruneBuildCache},
      {"POST",
       "/grpc",
       {1, 40},
       [builder](RequestContext& context) {
         return ConnectToBuilder(builder, context);
       }},
      {"POST", "/session", {1, 31}, HoldSession},
      {"OPTIONS", "/{any}", {1, 0}, [](RequestContext& context) {
         return context.RespondEmpty(200);
       }}};
  for (const Row& row : kRows) {
    routes.push_back(
        {row.method, row.pattern, {1, row.since}, HandlerOf(row, peers)});
  }
  return routes;
}

}  // namespace tug::gatewayd
