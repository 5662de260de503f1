// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <utility>

#include "proto/tug/runtime/v1/container.grpc.pb.h"
#include "services/gatewayd/peers/grpc_call.h"
#include "services/gatewayd/peers/grpc_clients.h"

namespace tug::gatewayd {
namespace {

namespace v1 = runtime::v1;
using Stub = v1::ContainerService::Stub;

class GrpcContainerClient final : public ContainerClient {
 public:
  explicit GrpcContainerClient(ChannelPtr channel)
      : stub_(std::move(channel)) {}

  absl::StatusOr<v1::Container> CreateContainer(
      const v1::CreateContainerRequest& request) override {
    return Call<v1::Container>(stub_, &Stub::CreateContainer, request);
  }

  absl::StatusOr<v1::Container> CommitContainer(
      const v1::CommitContainerRequest& request) override {
    // It waits for a disk.
    return Call<v1::Container>(stub_, &Stub::CommitContainer, request,
                               kSlowCall);
  }

  absl::Status AbandonContainer(
      const v1::AbandonContainerRequest& request) override {
    return Call<v1::AbandonContainerResponse>(stub_, &Stub::AbandonContainer,
                                              request)
        .status();
  }

  absl::StatusOr<v1::Container> GetContainer(
      const v1::GetContainerRequest& request) override {
    return Call<v1::Container>(stub_, &Stub::GetContainer, request);
  }

  absl::StatusOr<v1::ListContainersResponse> ListContainers(
      const v1::ListContainersRequest& request) override {
    return Call<v1::ListContainersResponse>(stub_, &Stub::ListContainers,
                                            request);
  }

  absl::StatusOr<v1::Container> RenameContainer(
      const v1::RenameContainerRequest& request) override {
    return Call<v1::Container>(stub_, &Stub::RenameContainer, request);
  }

  absl::StatusOr<v1::UpdateContainerResponse> UpdateContainer(
      const v1::UpdateContainerRequest& request) override {
    return Call<v1::UpdateContainerResponse>(stub_, &Stub::UpdateContainer,
                                             request);
  }

  absl::StatusOr<v1::Container> StartContainer(
      const v1::StartContainerRequest& request) override {
    return Call<v1::Container>(stub_, &Stub::StartContainer, request,
                               kSlowCall);
  }

  absl::StatusOr<v1::StopContainerResponse> StopContainer(
      const v1::StopContainerRequest& request,
      Cancellation* cancellation) override {
    return Call<v1::StopContainerResponse>(stub_, &Stub::StopContainer, request,
                                           kUnboundedCall, cancellation);
  }

  absl::Status KillContainer(const v1::KillContainerRequest& request) override {
    return Call<v1::KillContainerResponse>(stub_, &Stub::KillContainer, request,
                                           kSlowCall)
        .status();
  }

  absl::StatusOr<v1::Container> PauseContainer(
      const v1::PauseContainerRequest& request) override {
    return Call<v1::Container>(stub_, &Stub::PauseContainer, request,
                               kSlowCall);
  }

  absl::StatusOr<v1::Container> UnpauseContainer(
      const v1::UnpauseContainerRequest& request) override {
    return Call<v1::Container>(stub_, &Stub::UnpauseContainer, request,
                               kSlowCall);
  }

  absl::Status WaitContainer(
      const v1::WaitContainerRequest& request, Cancellation* cancellation,
      absl::FunctionRef<absl::Status(const v1::WaitContainerResponse&)>
          on_message) override {
    return CallStream<v1::WaitContainerResponse>(
        stub_, &Stub::WaitContainer, request, cancellation, on_message);
  }

  absl::StatusOr<v1::Container> BeginRemoveContainer(
      const v1::BeginRemoveContainerRequest& request) override {
    return Call<v1::Container>(stub_, &Stub::BeginRemoveContainer, request,
                               kSlowCall);
  }

  absl::Status FinishRemoveContainer(
      const v1::FinishRemoveContainerRequest& request) override {
    return Call<v1::FinishRemoveContainerResponse>(
               stub_, &Stub::FinishRemoveContainer, request, kSlowCall)
        .status();
  }

  absl::Status ResizeContainer(
      const v1::ResizeContainerRequest& request) override {
    return Call<v1::ResizeContainerResponse>(stub_, &Stub::ResizeContainer,
                                             request)
        .status();
  }

  absl::StatusOr<v1::AttachContainerResponse> AttachContainer(
      const v1::AttachContainerRequest& request) override {
    return Call<v1::AttachContainerResponse>(stub_, &Stub::AttachContainer,
                                             request);
  }

  absl::Status ReadLogs(
      const v1::ReadLogsRequest& request, Cancellation* cancellation,
      absl::FunctionRef<absl::Status(const v1::ReadLogsResponse&)> on_message)
      override {
    return CallStream<v1::ReadLogsResponse>(stub_, &Stub::ReadLogs, request,
                                            cancellation, on_message);
  }

  absl::StatusOr<v1::ListProcessesResponse> ListProcesses(
      const v1::ListProcessesRequest& request) override {
    return Call<v1::ListProcessesResponse>(stub_, &Stub::ListProcesses, request,
                                           kSlowCall);
  }

  absl::Status WatchStats(
      const v1::WatchStatsRequest& request, Cancellation* cancellation,
      absl::FunctionRef<absl::Status(const v1::ContainerStats&)> on_message)
      override {
    return CallStream<v1::ContainerStats>(stub_, &Stub::WatchStats, request,
                                          cancellation, on_message);
  }

  absl::StatusOr<v1::GetNetworkNamespaceResponse> GetNetworkNamespace(
      const v1::GetNetworkNamespaceRequest& request) override {
    return Call<v1::GetNetworkNamespaceResponse>(
        stub_, &Stub::GetNetworkNamespace, request);
  }

 private:
  Stub stub_;
};

}  // namespace

std::unique_ptr<ContainerClient> NewContainerClient(ChannelPtr runtimed) {
  return std::make_unique<GrpcContainerClient>(std::move(runtimed));
}

}  // namespace tug::gatewayd
