// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/routes/unbuilt/unbuilt_routes.h"

#include "absl/strings/str_cat.h"
#include "boost/json/array.hpp"
#include "boost/json/object.hpp"
#include "services/gatewayd/server/docker_error.h"

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
constexpr Answer kBuild = {
    501,
    "building images is not built yet: build with another tool (buildah, "
    "kaniko, docker buildx with a container driver elsewhere) and bring the "
    "image here with docker load or docker pull"};
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
};

constexpr Row kRows[] = {
    {"GET", "/swarm", 24, kNoSwarm},
    {"POST", "/swarm/init", 24, kSwarmUnbuilt},
    {"POST", "/swarm/join", 24, kSwarmUnbuilt},
    {"POST", "/swarm/leave", 24, kNotInSwarm},
    {"POST", "/swarm/update", 24, kNoSwarm},
    {"GET", "/swarm/unlockkey", 25, kNoSwarm},
    {"POST", "/swarm/unlock", 25, kNoSwarm},
    {"GET", "/nodes", 24, kNoSwarm},
    {"GET", "/nodes/{id}", 24, kNoSwarm},
    {"DELETE", "/nodes/{id}", 24, kNoSwarm},
    {"POST", "/nodes/{id}/update", 24, kNoSwarm},
    {"GET", "/services", 24, kNoSwarm},
    {"POST", "/services/create", 24, kNoSwarm},
    {"GET", "/services/{id}/logs", 25, kNoSwarm},
    {"GET", "/services/{id}", 24, kNoSwarm},
    {"DELETE", "/services/{id}", 24, kNoSwarm},
    {"POST", "/services/{id}/update", 24, kNoSwarm},
    {"GET", "/tasks", 24, kNoSwarm},
    {"GET", "/tasks/{id}/logs", 29, kNoSwarm},
    {"GET", "/tasks/{id}", 24, kNoSwarm},
    {"GET", "/secrets", 25, kNoSwarm},
    {"POST", "/secrets/create", 25, kNoSwarm},
    {"GET", "/secrets/{id}", 25, kNoSwarm},
    {"DELETE", "/secrets/{id}", 25, kNoSwarm},
    {"POST", "/secrets/{id}/update", 25, kNoSwarm},
    {"GET", "/configs", 30, kNoSwarm},
    {"POST", "/configs/create", 30, kNoSwarm},
    {"GET", "/configs/{id}", 30, kNoSwarm},
    {"DELETE", "/configs/{id}", 30, kNoSwarm},
    {"POST", "/configs/{id}/update", 30, kNoSwarm},
    {"GET", "/plugins/privileges", 25, kPlugin},
    {"POST", "/plugins/pull", 25, kPlugin},
    {"POST", "/plugins/create", 25, kPlugin},
    {"GET", "/plugins/{name}/json", 25, kPlugin},
    {"DELETE", "/plugins/{name}", 25, kPlugin},
    {"POST", "/plugins/{name}/enable", 25, kPlugin},
    {"POST", "/plugins/{name}/disable", 25, kPlugin},
    {"POST", "/plugins/{name}/upgrade", 26, kPlugin},
    {"POST", "/plugins/{name}/push", 25, kPlugin},
    {"POST", "/plugins/{name}/set", 25, kPlugin},
    {"POST", "/build", 0, kBuild},
    {"POST", "/build/cancel", 38, kBuild},
    {"POST", "/session", 31, kBuild},
    {"POST", "/grpc", 40, kBuild},
    {"POST", "/commit", 0, kCommit},
    {"POST", "/images/{name}/push", 0, kPush},
    {"GET", "/images/search", 0, kSearch},
    {"GET", "/containers/{id}/checkpoints", 25, kCheckpoint},
    {"POST", "/containers/{id}/checkpoints", 25, kCheckpoint},
    {"GET", "/debug/vars", 0, kDebug},
    {"GET", "/debug/pprof/", 0, kDebug},
    {"GET", "/debug/pprof/cmdline", 0, kDebug},
    {"GET", "/debug/pprof/profile", 0, kDebug},
    {"GET", "/debug/pprof/symbol", 0, kDebug},
    {"GET", "/debug/pprof/trace", 0, kDebug},
    {"GET", "/debug/pprof/{name}", 0, kDebug},
};

RouteHandler Always(const Answer& answer) {
  return [&answer](RequestContext&) {
    return DockerError(answer.status, answer.message);
  };
}

}  // namespace

std::vector<Route> UnbuiltRoutes() {
  std::vector<Route> routes;
  // Clients list plugins without wanting any.
  routes.push_back({"GET", "/plugins", {1, 25}, [](RequestContext& context) {
                      return context.RespondJson(200, boost::json::array());
                    }});
  // There is no build cache to prune; `docker system prune` goes on.
  routes.push_back(
      {"POST", "/build/prune", {1, 31}, [](RequestContext& context) {
         return context.RespondJson(
             200, boost::json::object{{"CachesDeleted", nullptr},
                                      {"SpaceReclaimed", 0}});
       }});
  routes.push_back({"OPTIONS", "/{any}", {1, 0}, [](RequestContext& context) {
                      return context.RespondEmpty(200);
                    }});
  for (const Row& row : kRows) {
    routes.push_back(
        {row.method, row.pattern, {1, row.since}, Always(row.answer)});
  }
  return routes;
}

}  // namespace tug::gatewayd
