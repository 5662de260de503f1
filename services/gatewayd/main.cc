// SPDX-License-Identifier: Apache-2.0
#include <poll.h>

#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/log.h"
#include "lib/base/status_macros.h"
#include "lib/confine/confine.h"
#include "lib/http/server.h"
#include "lib/oci/platform.h"
#include "lib/program/listen_fds.h"
#include "lib/program/load_config.h"
#include "lib/program/parent_process.h"
#include "lib/program/run_program.h"
#include "lib/program/shutdown_signal.h"
#include "lib/program/user.h"
#include "lib/rpc/peer_credentials.h"
#include "services/gatewayd/builder/builder_door.h"
#include "services/gatewayd/config.pb.h"
#include "services/gatewayd/events/event_feed.h"
#include "services/gatewayd/events/own_events.h"
#include "services/gatewayd/lastknown/last_known_objects.h"
#include "services/gatewayd/operations/container_locks.h"
#include "services/gatewayd/peers/grpc_clients.h"
#include "services/gatewayd/reconcile/reconciler.h"
#include "services/gatewayd/routes/containers/container_routes.h"
#include "services/gatewayd/routes/execs/exec_routes.h"
#include "services/gatewayd/routes/images/image_routes.h"
#include "services/gatewayd/routes/networks/network_routes.h"
#include "services/gatewayd/routes/system/system_routes.h"
#include "services/gatewayd/routes/unbuilt/unbuilt_routes.h"
#include "services/gatewayd/routes/volumes/volume_routes.h"
#include "services/gatewayd/server/router.h"
#include "services/gatewayd/translate/errors.h"

namespace tug::gatewayd {
namespace {

constexpr unsigned kSocketMode = 0660;
// How long requests may take to end at shutdown; attached sessions do not end
// by themselves.
constexpr absl::Duration kShutdownGrace = absl::Seconds(2);

Config Defaults() {
  Config config;
  config.set_run_directory("/run/tug");
  config.set_state_directory("/var/lib/tug");
  config.set_max_connections(1024);
  return config;
}

// The gRPC clients of all services, and the view of them that everybody gets.
class Services {
 public:
  explicit Services(const std::string& run_directory)
      : runtimed_(OpenServiceChannel(run_directory, "runtimed")),
        imaged_(OpenServiceChannel(run_directory, "imaged")),
        netd_(OpenServiceChannel(run_directory, "netd")),
        volumed_(OpenServiceChannel(run_directory, "volumed")),
        registryd_(OpenServiceChannel(run_directory, "registryd")),
        tickets_(NewTicketRedeemer(run_directory)) {}

  const Peers& peers() const { return peers_; }
  LastKnownObjects& known() { return known_; }
  std::vector<EventSource*> event_sources() {
    return {runtime_events_.get(), image_events_.get(), network_events_.get(),
            volume_events_.get(), &own_source_};
  }

 private:
  ChannelPtr runtimed_, imaged_, netd_, volumed_, registryd_;
  std::unique_ptr<ContainerClient> containers_ = NewContainerClient(runtimed_);
  std::unique_ptr<ExecClient> execs_ = NewExecClient(runtimed_);
  std::unique_ptr<ImageClient> images_ = NewImageClient(imaged_);
  std::unique_ptr<SnapshotClient> snapshots_ = NewSnapshotClient(imaged_);
  std::unique_ptr<NetworkClient> networks_ = NewNetworkClient(netd_);
  std::unique_ptr<SandboxClient> sandboxes_ = NewSandboxClient(netd_);
  std::unique_ptr<VolumeClient> volumes_ = NewVolumeClient(volumed_);
  std::unique_ptr<RegistryClient> registries_ = NewRegistryClient(registryd_);
  std::unique_ptr<TicketRedeemer> tickets_;
  std::unique_ptr<EventSource> runtime_events_ =
      NewEventSource(runtimed_, "runtimed");
  std::unique_ptr<EventSource> image_events_ =
      NewEventSource(imaged_, "imaged");
  std::unique_ptr<EventSource> network_events_ = NewEventSource(netd_, "netd");
  std::unique_ptr<EventSource> volume_events_ =
      NewEventSource(volumed_, "volumed");
  EventBus own_events_;
  OwnEventSource own_source_{own_events_};
  LastKnownObjects known_{*containers_, *sandboxes_, *volumes_, *networks_};
  const Peers peers_ = {*containers_, *execs_,     *images_,  *snapshots_,
                        *networks_,   *sandboxes_, *volumes_, *registries_,
                        *tickets_,    own_events_, known_};
};

std::vector<Route> AllRoutes(const Peers& peers, EventFeed& events,
                             ContainerLocks& locks,
                             const ImageRoutePeers& images,
                             const NetworkParts& networks, BuilderDoor& builder,
                             const Config& config) {
  std::vector<Route> all;
  const auto add = [&all](std::vector<Route> routes) {
    std::move(routes.begin(), routes.end(), std::back_inserter(all));
  };
  add(SystemRoutes(peers, events, {config.state_directory()}));
  add(ContainerRoutes(peers, locks));
  add(ExecRoutes(peers));
  add(ImageRoutes(images));
  add(NetworkRoutes(networks));
  add(VolumeRoutes(peers));
  add(UnbuiltRoutes(peers, [&builder](UniqueFd connection) {
    builder.Serve(std::move(connection));
  }));
  return all;
}

// The sockets that tugd made, or one of our own.
absl::StatusOr<std::vector<UniqueFd>> Listeners(const Config& config) {
  std::vector<UniqueFd> listeners;
  while (std::optional<UniqueFd> fd = TakeListenFd("rest")) {
    listeners.push_back(*std::move(fd));
  }
  if (listeners.empty()) {
    ASSIGN_OR_RETURN(
        UniqueFd own,
        ListenUnix(absl::StrCat(config.run_directory(), "/tug.sock"),
                   kSocketMode));
    listeners.push_back(std::move(own));
  }
  return listeners;
}

// Users are who may open the socket, but for our own services: what runs as
// root without root's rights would get them here.
bool IsUser(int socket) {
  if (!rpc::IsTaggedService(socket)) return true;
  LogWarning("refused a connection of one of the engine's own services");
  return false;
}

// Answered however many connections there are.
bool IsPing(const http::RequestHead& head) {
  return absl::EndsWith(head.path, "/_ping");
}

void AwaitShutdown() {
  const UniqueFd signal = ShutdownSignalFd();
  pollfd fd = {signal.get(), POLLIN, 0};
  while (::poll(&fd, 1, -1) < 0) {
  }
}

absl::Status Run(const ProgramOptions& options) {
  ASSIGN_OR_RETURN(const Config config, LoadConfig(options, Defaults()));
  ASSIGN_OR_RETURN(std::vector<UniqueFd> listeners, Listeners(config));
  if (!config.user().empty()) RETURN_IF_ERROR(BecomeUser(config.user()));
  RETURN_IF_ERROR(EndWithParent());
  // Of files it reads facts about the host for /info.
  RETURN_IF_ERROR(Confine({.files = SystemFileRules()}));
  Services services(config.run_directory());
  const Peers& peers = services.peers();
  ContainerLocks locks;
  const ImageRoutePeers images = {peers.images, peers.registries,
                                  peers.containers, peers.tickets};
  const NetworkParts networks = {peers, locks};
  BuilderDoor builder(oci::HostPlatform().architecture);
  Reconciler reconciler(peers, locks);
  EventFeed events(services.event_sources(), {&reconciler, &services.known()});
  const Router router(
      AllRoutes(peers, events, locks, images, networks, builder, config),
      TranslateError);
  http::ServerLimits limits;
  if (config.max_connections() > 0) {
    limits.max_connections = config.max_connections();
  }
  limits.is_cheap = IsPing;
  const auto server = http::NewServer(
      limits, [&router](http::Exchange& exchange) { router.Serve(exchange); },
      IsUser);
  for (UniqueFd& listener : listeners) {
    RETURN_IF_ERROR(server->AddListener(std::move(listener)));
  }
  LogInfo("serving");
  AwaitShutdown();
  server->Shutdown(kShutdownGrace);
  return absl::OkStatus();
}

}  // namespace
}  // namespace tug::gatewayd

int main(int argc, char** argv) {
  return tug::RunProgram(
      argc, argv,
      {"gatewayd",
       "Docker's REST API in front of Tug's services. Keys: run-directory, "
       "state-directory, user, max-connections."},
      tug::gatewayd::Run);
}
