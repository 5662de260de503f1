// SPDX-License-Identifier: Apache-2.0
#include "lib/rpc/server.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/resource_quota.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "grpcpp/server_posix.h"
#include "lib/base/check.h"
#include "lib/base/log.h"
#include "lib/base/status_macros.h"
#include "lib/program/listen_fds.h"
#include "lib/program/shutdown_signal.h"
#include "lib/rpc/acceptor.h"
#include "lib/rpc/byte_connections.h"
#include "lib/rpc/event_service.h"
#include "lib/rpc/limits.h"
#include "lib/rpc/narrow_service.h"
#include "lib/rpc/peer_credentials.h"
#include "lib/rpc/peer_table.h"
#include "lib/rpc/rpc_connections.h"
#include "lib/rpc/shutdown_watchdog.h"
#include "lib/rpc/stream_service.h"

namespace tug::rpc {
namespace {

constexpr unsigned kSocketMode = 0660;
constexpr int kCompletionQueues = 1;
// Idle threads that wait for the next call, so that a burst starts no thread.
constexpr int kMinPollers = 2;
constexpr int kMaxPollers = 8;
// After which those above the minimum end.
constexpr int kIdleThreadMs = 600'000;
// How a name in LISTEN_FDNAMES says what a socket is for.
constexpr char kRpcName[] = "rpc";
constexpr char kBytesName[] = "bytes";

absl::StatusOr<UniqueFd> ListenAs(const char* name, const std::string& path) {
  std::optional<UniqueFd> handed_over = TakeListenFd(name);
  if (handed_over.has_value()) return *std::move(handed_over);
  return ListenUnix(path, kSocketMode);
}

std::unique_ptr<grpc::Server> BuildServer(
    const ServerOptions& options, const std::vector<grpc::Service*>& services) {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ResourceQuota quota(options.name);
  quota.SetMaxThreads(options.max_threads);
  grpc::ServerBuilder builder;
  builder.SetResourceQuota(quota);
  builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxHeaderBytes);
  builder.AddChannelArgument(
      GRPC_ARG_MAX_CONNECTION_IDLE_MS,
      static_cast<int>(absl::ToInt64Milliseconds(kIdleConnection)));
  builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, kCompletionQueues);
  builder.SetSyncServerOption(grpc::ServerBuilder::MIN_POLLERS, kMinPollers);
  builder.SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, kMaxPollers);
  builder.SetSyncServerOption(grpc::ServerBuilder::CQ_TIMEOUT_MSEC,
                              kIdleThreadMs);
  for (grpc::Service* service : services) builder.RegisterService(service);
  // No port: connections come by AddInsecureChannelFromFd.
  return builder.BuildAndStart();
}

// Everything that lives as long as the server runs.
struct Running {
  std::optional<GrpcStreamService> streams;
  std::optional<GrpcEventService> events;
  std::optional<ByteConnections> bytes;
  std::unique_ptr<grpc::Server> server;
  RpcConnections connections{kMaxRpcConnections};
  // By the name of the peer: what services of ours are connected to.
  std::map<std::string, std::unique_ptr<NarrowService>, std::less<>> narrow;
  std::map<std::string, std::unique_ptr<grpc::Server>, std::less<>> for_peers;
};

absl::Status Refused(const std::string& name) {
  return absl::InternalError(
      absl::StrCat("start the gRPC server of ", name,
                   ": gRPC refused it; its own log above says why"));
}

// A server for each service of ours that calls this one.
absl::Status StartServersForPeers(const ServerOptions& options,
                                  Running& running) {
  for (const PeerRule& rule : PeerRules()) {
    if (rule.service != options.name || rule.grpc_service.empty()) continue;
    const std::string name(rule.grpc_service);
    const auto whole = options.for_services.find(name);
    if (whole == options.for_services.end()) {
      return absl::InternalError(absl::StrCat("no ", name, " for ", rule.peer));
    }
    const std::string peer(rule.peer);
    ASSIGN_OR_RETURN(running.narrow[peer],
                     NarrowService::Create(*whole->second, name, rule.methods));
    running.for_peers[peer] =
        BuildServer(options, {running.narrow[peer].get()});
    if (running.for_peers[peer] == nullptr) return Refused(name);
  }
  return absl::OkStatus();
}

absl::Status StartServer(const ServerOptions& options,
                         std::vector<grpc::Service*> services,
                         TicketBooth* booth, EventBus* events,
                         Running& running) {
  const std::string domain = absl::StrCat(options.name, ".tug");
  if (booth != nullptr) {
    services.push_back(&running.streams.emplace(*booth, domain));
    running.bytes.emplace(*booth, kMaxByteConnections);
  }
  if (events != nullptr) {
    services.push_back(&running.events.emplace(*events, domain));
  }
  running.server = BuildServer(options, services);
  if (running.server == nullptr) return Refused(options.name);
  return StartServersForPeers(options, running);
}

// The acceptor has checked that there is one.
grpc::Server& ServerFor(const Peer& peer, const Running& running) {
  if (peer.kind == Peer::Kind::kAdministrator) return *running.server;
  const auto found = running.for_peers.find(peer.service);
  CHECK(found != running.for_peers.end());
  return *found->second;
}

absl::StatusOr<std::vector<Listener>> MakeListeners(
    const ServerOptions& options, Running& running) {
  std::vector<Listener> listeners;
  ASSIGN_OR_RETURN(UniqueFd rpc_socket,
                   ListenAs(kRpcName, absl::StrCat(options.run_directory, "/",
                                                   options.name, ".sock")));
  listeners.push_back(
      {std::move(rpc_socket), /*nonblocking=*/true, /*is_rpc=*/true,
       [&running](UniqueFd connection, const Peer& peer) {
         if (!running.connections.Admit(connection.get(), peer.uid)) {
           LogWarning("dropped a connection: too many are open");
           return;
         }
         grpc::AddInsecureChannelFromFd(&ServerFor(peer, running),
                                        connection.release());
       }});
  if (!running.bytes.has_value()) return listeners;
  ASSIGN_OR_RETURN(UniqueFd bytes_socket,
                   ListenAs(kBytesName, ByteSocketPath(options)));
  listeners.push_back({std::move(bytes_socket), /*nonblocking=*/false,
                       /*is_rpc=*/false,
                       [&running](UniqueFd connection, const Peer& peer) {
                         running.bytes->Serve(std::move(connection), peer.uid);
                       }});
  return listeners;
}

void ShutDown(Running& running, EventBus* events) {
  const ShutdownWatchdog watchdog(kShutdownLimit);
  if (events != nullptr) events->Close();
  const auto deadline = std::chrono::system_clock::now() +
                        absl::ToChronoNanoseconds(kShutdownGrace);
  running.server->Shutdown(deadline);
  for (const auto& [peer, server] : running.for_peers) {
    server->Shutdown(deadline);
  }
  if (running.bytes.has_value()) running.bytes->End();
  running.server->Wait();
  for (const auto& [peer, server] : running.for_peers) server->Wait();
}

}  // namespace

absl::Status Serve(const ServerOptions& options,
                   const std::vector<grpc::Service*>& services,
                   TicketBooth* booth, EventBus* events) {
  const UniqueFd shutdown_signal = ShutdownSignalFd();
  const PeerPolicy policy(options.allowed_uids);
  Running running;
  RETURN_IF_ERROR(StartServer(options, services, booth, events, running));
  ASSIGN_OR_RETURN(const std::vector<Listener> listeners,
                   MakeListeners(options, running));
  LogInfo("serving", {{"name", options.name}});
  const absl::Status accepted =
      AcceptUntil(shutdown_signal, options.name, listeners, policy);
  // Taken, not left pending: a process may serve again.
  signalfd_siginfo taken = {};
  (void)!read(shutdown_signal.get(), &taken, sizeof(taken));
  LogInfo("ending", {{"name", options.name}});
  ShutDown(running, events);
  return accepted;
}

std::string ByteSocketPath(const ServerOptions& options) {
  return ByteSocketPath(options.run_directory, options.name);
}

}  // namespace tug::rpc
