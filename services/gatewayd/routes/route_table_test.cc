// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/gatewayd/operations/container_locks.h"
#include "services/gatewayd/peers/testing/bare_peers.h"
#include "services/gatewayd/routes/containers/container_routes.h"
#include "services/gatewayd/routes/execs/exec_routes.h"
#include "services/gatewayd/routes/images/image_routes.h"
#include "services/gatewayd/routes/networks/network_routes.h"
#include "services/gatewayd/routes/system/system_routes.h"
#include "services/gatewayd/routes/unbuilt/unbuilt_routes.h"
#include "services/gatewayd/routes/volumes/volume_routes.h"

namespace tug::gatewayd {
namespace {

// Every route of Docker's engine at API 1.56. "{}" stands for a parameter.
constexpr const char* kDockerRoutes[] = {
    "DELETE /configs/{}",
    "DELETE /containers/{}",
    "DELETE /containers/{}/checkpoints/{}",
    "DELETE /images/{}",
    "DELETE /networks/{}",
    "DELETE /nodes/{}",
    "DELETE /plugins/{}",
    "DELETE /secrets/{}",
    "DELETE /services/{}",
    "DELETE /volumes/{}",
    "GET /_ping",
    "GET /configs",
    "GET /configs/{}",
    "GET /containers/json",
    "GET /containers/{}/archive",
    "GET /containers/{}/attach/ws",
    "GET /containers/{}/changes",
    "GET /containers/{}/checkpoints",
    "GET /containers/{}/export",
    "GET /containers/{}/json",
    "GET /containers/{}/logs",
    "GET /containers/{}/stats",
    "GET /containers/{}/top",
    "GET /debug/pprof/",
    "GET /debug/pprof/cmdline",
    "GET /debug/pprof/profile",
    "GET /debug/pprof/symbol",
    "GET /debug/pprof/trace",
    "GET /debug/pprof/{}",
    "GET /debug/vars",
    "GET /distribution/{}/json",
    "GET /events",
    "GET /exec/{}/json",
    "GET /images/get",
    "GET /images/json",
    "GET /images/search",
    "GET /images/{}/attestations",
    "GET /images/{}/get",
    "GET /images/{}/history",
    "GET /images/{}/json",
    "GET /info",
    "GET /networks",
    "GET /networks/",
    "GET /networks/{}",
    "GET /nodes",
    "GET /nodes/{}",
    "GET /plugins",
    "GET /plugins/privileges",
    "GET /plugins/{}/json",
    "GET /secrets",
    "GET /secrets/{}",
    "GET /services",
    "GET /services/{}",
    "GET /services/{}/logs",
    "GET /swarm",
    "GET /swarm/unlockkey",
    "GET /system/df",
    "GET /tasks",
    "GET /tasks/{}",
    "GET /tasks/{}/logs",
    "GET /version",
    "GET /volumes",
    "GET /volumes/{}",
    "HEAD /_ping",
    "HEAD /containers/{}/archive",
    "OPTIONS /{}",
    "POST /auth",
    "POST /build",
    "POST /build/cancel",
    "POST /build/prune",
    "POST /commit",
    "POST /configs/create",
    "POST /configs/{}/update",
    "POST /containers/create",
    "POST /containers/prune",
    "POST /containers/{}/attach",
    "POST /containers/{}/checkpoints",
    "POST /containers/{}/exec",
    "POST /containers/{}/kill",
    "POST /containers/{}/pause",
    "POST /containers/{}/rename",
    "POST /containers/{}/resize",
    "POST /containers/{}/restart",
    "POST /containers/{}/start",
    "POST /containers/{}/stop",
    "POST /containers/{}/unpause",
    "POST /containers/{}/update",
    "POST /containers/{}/wait",
    "POST /exec/{}/resize",
    "POST /exec/{}/start",
    "POST /grpc",
    "POST /images/create",
    "POST /images/load",
    "POST /images/prune",
    "POST /images/{}/push",
    "POST /images/{}/tag",
    "POST /networks/create",
    "POST /networks/prune",
    "POST /networks/{}/connect",
    "POST /networks/{}/disconnect",
    "POST /nodes/{}/update",
    "POST /plugins/create",
    "POST /plugins/pull",
    "POST /plugins/{}/disable",
    "POST /plugins/{}/enable",
    "POST /plugins/{}/push",
    "POST /plugins/{}/set",
    "POST /plugins/{}/upgrade",
    "POST /secrets/create",
    "POST /secrets/{}/update",
    "POST /services/create",
    "POST /services/{}/update",
    "POST /session",
    "POST /swarm/init",
    "POST /swarm/join",
    "POST /swarm/leave",
    "POST /swarm/unlock",
    "POST /swarm/update",
    "POST /volumes/create",
    "POST /volumes/prune",
    "PUT /containers/{}/archive",
    "PUT /volumes/{}",
};

// Not a route of its own: the router takes one parameter, so that this answers
// as the removal of a container of that name does, 404.
constexpr const char* kElsewhere[] = {
    "DELETE /containers/{}/checkpoints/{}",
};

std::string Normalize(const Route& route) {
  std::string pattern = route.pattern;
  const size_t open = pattern.find('{');
  if (open != pattern.npos) {
    pattern = absl::StrCat(pattern.substr(0, open), "{}",
                           pattern.substr(pattern.find('}') + 1));
  }
  return absl::StrCat(route.method, " ", pattern);
}

std::vector<Route> AllRoutes(const Peers& peers, EventFeed& events,
                             ContainerLocks& locks) {
  std::vector<Route> all;
  for (const std::vector<Route>& table :
       {ContainerRoutes(peers, locks), ExecRoutes(peers),
        ImageRoutes(
            {peers.images, peers.registries, peers.containers, peers.tickets}),
        NetworkRoutes({peers, locks}), VolumeRoutes(peers),
        SystemRoutes(peers, events, {}), UnbuiltRoutes(peers, nullptr)}) {
    all.insert(all.end(), table.begin(), table.end());
  }
  return all;
}

TEST(RouteTableTest, EveryRouteOfDockersIsAnswered) {
  BarePeers bare;
  const Peers peers = bare.AsPeers();
  EventFeed events({}, {});
  ContainerLocks locks;
  std::set<std::string> served;
  for (const Route& route : AllRoutes(peers, events, locks)) {
    served.insert(Normalize(route));
  }
  for (const char* route : kElsewhere) served.insert(route);
  for (const char* route : kDockerRoutes) {
    EXPECT_TRUE(served.contains(route)) << route;
  }
}

TEST(RouteTableTest, NoRouteThatDockerDoesNotHave) {
  BarePeers bare;
  const Peers peers = bare.AsPeers();
  EventFeed events({}, {});
  ContainerLocks locks;
  const std::set<std::string> known(std::begin(kDockerRoutes),
                                    std::end(kDockerRoutes));
  for (const Route& route : AllRoutes(peers, events, locks)) {
    EXPECT_TRUE(known.contains(Normalize(route))) << Normalize(route);
  }
}

}  // namespace
}  // namespace tug::gatewayd
