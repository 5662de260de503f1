// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "proto/tug/runtime/v1/container.grpc.pb.h"
#include "services/runtimed/runtime/runtime.h"

namespace tug::runtimed {

// ContainerService with its streams, which only wait, off the server's threads.
using StreamingContainerService =
    runtime::v1::ContainerService::WithCallbackMethod_WaitContainer<
        runtime::v1::ContainerService::WithCallbackMethod_ReadLogs<
            runtime::v1::ContainerService::WithCallbackMethod_WatchStats<
                runtime::v1::ContainerService::Service>>>;

// ContainerService: decodes, calls an operation, encodes. Thread-safe.
class GrpcContainerService final : public StreamingContainerService {
 public:
  // `rt` must outlive the service.
  explicit GrpcContainerService(Runtime& rt) : rt_(rt) {}

  grpc::Status CreateContainer(
      grpc::ServerContext* context,
      const runtime::v1::CreateContainerRequest* request,
      runtime::v1::Container* response) override;
  grpc::Status CommitContainer(
      grpc::ServerContext* context,
      const runtime::v1::CommitContainerRequest* request,
      runtime::v1::Container* response) override;
  grpc::Status AbandonContainer(
      grpc::ServerContext* context,
      const runtime::v1::AbandonContainerRequest* request,
      runtime::v1::AbandonContainerResponse* response) override;
  grpc::Status GetContainer(grpc::ServerContext* context,
                            const runtime::v1::GetContainerRequest* request,
                            runtime::v1::Container* response) override;
  grpc::Status ListContainers(
      grpc::ServerContext* context,
      const runtime::v1::ListContainersRequest* request,
      runtime::v1::ListContainersResponse* response) override;
  grpc::Status RenameContainer(
      grpc::ServerContext* context,
      const runtime::v1::RenameContainerRequest* request,
      runtime::v1::Container* response) override;
  grpc::Status UpdateContainer(
      grpc::ServerContext* context,
      const runtime::v1::UpdateContainerRequest* request,
      runtime::v1::UpdateContainerResponse* response) override;
  grpc::Status StartContainer(grpc::ServerContext* context,
                              const runtime::v1::StartContainerRequest* request,
                              runtime::v1::Container* response) override;
  grpc::Status StopContainer(
      grpc::ServerContext* context,
      const runtime::v1::StopContainerRequest* request,
      runtime::v1::StopContainerResponse* response) override;
  grpc::Status KillContainer(
      grpc::ServerContext* context,
      const runtime::v1::KillContainerRequest* request,
      runtime::v1::KillContainerResponse* response) override;
  grpc::Status PauseContainer(grpc::ServerContext* context,
                              const runtime::v1::PauseContainerRequest* request,
                              runtime::v1::Container* response) override;
  grpc::Status UnpauseContainer(
      grpc::ServerContext* context,
      const runtime::v1::UnpauseContainerRequest* request,
      runtime::v1::Container* response) override;
  grpc::Status BeginRemoveContainer(
      grpc::ServerContext* context,
      const runtime::v1::BeginRemoveContainerRequest* request,
      runtime::v1::Container* response) override;
  grpc::Status FinishRemoveContainer(
      grpc::ServerContext* context,
      const runtime::v1::FinishRemoveContainerRequest* request,
      runtime::v1::FinishRemoveContainerResponse* response) override;
  grpc::Status ResizeContainer(
      grpc::ServerContext* context,
      const runtime::v1::ResizeContainerRequest* request,
      runtime::v1::ResizeContainerResponse* response) override;
  grpc::Status AttachContainer(
      grpc::ServerContext* context,
      const runtime::v1::AttachContainerRequest* request,
      runtime::v1::AttachContainerResponse* response) override;
  grpc::Status ListProcesses(
      grpc::ServerContext* context,
      const runtime::v1::ListProcessesRequest* request,
      runtime::v1::ListProcessesResponse* response) override;
  grpc::Status GetNetworkNamespace(
      grpc::ServerContext* context,
      const runtime::v1::GetNetworkNamespaceRequest* request,
      runtime::v1::GetNetworkNamespaceResponse* response) override;

  grpc::ServerWriteReactor<runtime::v1::WaitContainerResponse>* WaitContainer(
      grpc::CallbackServerContext* context,
      const runtime::v1::WaitContainerRequest* request) override;
  grpc::ServerWriteReactor<runtime::v1::ReadLogsResponse>* ReadLogs(
      grpc::CallbackServerContext* context,
      const runtime::v1::ReadLogsRequest* request) override;
  grpc::ServerWriteReactor<runtime::v1::ContainerStats>* WatchStats(
      grpc::CallbackServerContext* context,
      const runtime::v1::WatchStatsRequest* request) override;

 private:
  Runtime& rt_;
};

}  // namespace tug::runtimed
