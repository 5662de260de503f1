// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/builder/builder_door.h"

#include <fcntl.h>

#include <chrono>
#include <utility>

#include "grpcpp/resource_quota.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "grpcpp/server_posix.h"
#include "proto/moby/buildkit/v1/control.grpc.pb.h"

namespace tug::gatewayd {
namespace {

namespace buildkit = moby::buildkit::v1;
using grpc::ServerContext;
using grpc::ServerWriter;

// Calls are short; clients that come at once wait for each other.
constexpr int kMaxThreads = 8;
constexpr int kMaxPollers = 2;
constexpr int kCompletionQueues = 1;

class EmptyBuilder final : public buildkit::Control::Service {
 public:
  explicit EmptyBuilder(std::string architecture)
      : architecture_(std::move(architecture)) {}

  grpc::Status DiskUsage(ServerContext*, const buildkit::DiskUsageRequest*,
                         buildkit::DiskUsageResponse*) override {
    return grpc::Status::OK;
  }

  grpc::Status Prune(ServerContext*, const buildkit::PruneRequest*,
                     ServerWriter<buildkit::UsageRecord>*) override {
    return grpc::Status::OK;
  }

  grpc::Status Solve(ServerContext*, const buildkit::SolveRequest*,
                     buildkit::SolveResponse*) override {
    return Refused();
  }

  grpc::Status Status(ServerContext*, const buildkit::StatusRequest*,
                      ServerWriter<buildkit::StatusResponse>*) override {
    return Refused();
  }

  grpc::Status ListenBuildHistory(
      ServerContext*, const buildkit::BuildHistoryRequest*,
      ServerWriter<buildkit::BuildHistoryEvent>*) override {
    return grpc::Status::OK;
  }

  grpc::Status ListWorkers(ServerContext*, const buildkit::ListWorkersRequest*,
                           buildkit::ListWorkersResponse* response) override {
    buildkit::WorkerRecord& worker = *response->add_record();
    worker.set_id("tug");
    buildkit::Platform& platform = *worker.add_platforms();
    platform.set_os("linux");
    platform.set_architecture(architecture_);
    return grpc::Status::OK;
  }

 private:
  static grpc::Status Refused() {
    return grpc::Status(grpc::StatusCode::UNIMPLEMENTED, kNoBuilder);
  }

  const std::string architecture_;
};

std::unique_ptr<grpc::Server> StartServer(grpc::Service& service) {
  grpc::ResourceQuota quota("builder");
  quota.SetMaxThreads(kMaxThreads);
  grpc::ServerBuilder builder;
  builder.SetResourceQuota(quota);
  builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, kCompletionQueues);
  builder.SetSyncServerOption(grpc::ServerBuilder::MIN_POLLERS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, kMaxPollers);
  builder.RegisterService(&service);
  // No port: connections come by AddInsecureChannelFromFd.
  return builder.BuildAndStart();
}

}  // namespace

class BuilderDoor::Running {
 public:
  explicit Running(std::string architecture)
      : service_(std::move(architecture)), server_(StartServer(service_)) {}
  ~Running() { server_->Shutdown(std::chrono::system_clock::now()); }

  grpc::Server& server() { return *server_; }

 private:
  EmptyBuilder service_;
  const std::unique_ptr<grpc::Server> server_;
};

BuilderDoor::BuilderDoor(std::string architecture)
    : running_(std::make_unique<Running>(std::move(architecture))) {}

BuilderDoor::~BuilderDoor() = default;

void BuilderDoor::Serve(UniqueFd connection) {
  // gRPC reads until there is nothing more.
  const int flags = ::fcntl(connection.get(), F_GETFL);
  ::fcntl(connection.get(), F_SETFL, flags | O_NONBLOCK);
  grpc::AddInsecureChannelFromFd(&running_->server(), connection.release());
}

}  // namespace tug::gatewayd
