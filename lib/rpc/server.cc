// SPDX-License-Identifier: Apache-2.0
#include "lib/rpc/server.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <chrono>
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
#include "lib/base/log.h"
#include "lib/base/status_macros.h"
#include "lib/program/listen_fds.h"
#include "lib/program/shutdown_signal.h"
#include "lib/rpc/acceptor.h"
#include "lib/rpc/byte_connections.h"
#include "lib/rpc/event_service.h"
#include "lib/rpc/limits.h"
#include "lib/rpc/peer_credentials.h"
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
};

absl::Status StartServer(const ServerOptions& options,
                         std::vector<grpc::Service*> services,
                         TicketBooth* booth, EventBus* events,
                         Running& running) {
  const std::string domain = absl::StrCat(options.name, ".tug");
  if (booth != nullptr) {
    services.push_back(&running.streams.emplace(*booth, domain));
    running.bytes.emplace(*booth);
  }
  if (events != nullptr) {
    services.push_back(&running.events.emplace(*events, domain));
  }
  running.server = BuildServer(options, services);
  if (running.server == nullptr) {
    return absl::InternalError(absl::StrCat(
        "start the gRPC server of ", options.name,
        ": gRPC refused it; its own log above says why"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Listener>> MakeListeners(
    const ServerOptions& options, Running& running) {
  std::vector<Listener> listeners;
  ASSIGN_OR_RETURN(
      UniqueFd rpc_socket,
      ListenAs(kRpcName,
               absl::StrCat(options.run_directory, "/", options.name,
                            ".sock")));
  listeners.push_back({std::move(rpc_socket), true, [&](UniqueFd connection) {
                         grpc::AddInsecureChannelFromFd(running.server.get(),
                                                        connection.release());
                       }});
  if (!running.bytes.has_value()) return listeners;
  ASSIGN_OR_RETURN(UniqueFd bytes_socket,
                   ListenAs(kBytesName, ByteSocketPath(options)));
  listeners.push_back({std::move(bytes_socket), false, [&](UniqueFd connection) {
                         running.bytes->Serve(std::move(connection));
                       }});
  return listeners;
}

void ShutDown(Running& running, EventBus* events) {
  const ShutdownWatchdog watchdog(kShutdownLimit);
  if (events != nullptr) events->Close();
  running.server->Shutdown(std::chrono::system_clock::now() +
                           absl::ToChronoNanoseconds(kShutdownGrace));
  if (running.bytes.has_value()) running.bytes->End();
  running.server->Wait();
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
      AcceptUntil(shutdown_signal, listeners, policy);
  // Taken, not left pending: a process may serve again.
  signalfd_siginfo taken = {};
  (void)!read(shutdown_signal.get(), &taken, sizeof(taken));
  LogInfo("ending", {{"name", options.name}});
  ShutDown(running, events);
  return accepted;
}

std::string ByteSocketPath(const ServerOptions& options) {
  return absl::StrCat(options.run_directory, "/", options.name, ".bytes.sock");
}

}  // namespace tug::rpc
