// SPDX-License-Identifier: Apache-2.0
//
// The runtime service as the gateway sees it: one method an RPC; errors,
// reasons and metadata are those of the proto. Every method blocks, and is
// thread-safe.
//
// A streaming method hands each message to `on_message` on the calling thread,
// which may end the call by an error that becomes the answer. `cancellation`
// may be null; once cancelled the answer is CANCELLED, and the service goes on
// or not as the proto says.
#pragma once

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proto/tug/runtime/v1/container.pb.h"
#include "services/gatewayd/server/cancellation.h"

namespace tug::gatewayd {

// Containers; see ContainerService.
class ContainerClient {
 public:
  virtual ~ContainerClient() = default;

  virtual absl::StatusOr<runtime::v1::Container> CreateContainer(
      const runtime::v1::CreateContainerRequest& request) = 0;
  virtual absl::StatusOr<runtime::v1::Container> CommitContainer(
      const runtime::v1::CommitContainerRequest& request) = 0;
  virtual absl::Status AbandonContainer(
      const runtime::v1::AbandonContainerRequest& request) = 0;
  virtual absl::StatusOr<runtime::v1::Container> GetContainer(
      const runtime::v1::GetContainerRequest& request) = 0;
  virtual absl::StatusOr<runtime::v1::ListContainersResponse> ListContainers(
      const runtime::v1::ListContainersRequest& request) = 0;
  virtual absl::StatusOr<runtime::v1::Container> RenameContainer(
      const runtime::v1::RenameContainerRequest& request) = 0;
  virtual absl::StatusOr<runtime::v1::UpdateContainerResponse> UpdateContainer(
      const runtime::v1::UpdateContainerRequest& request) = 0;
  virtual absl::StatusOr<runtime::v1::Container> StartContainer(
      const runtime::v1::StartContainerRequest& request) = 0;
  virtual absl::StatusOr<runtime::v1::StopContainerResponse> StopContainer(
      const runtime::v1::StopContainerRequest& request,
      Cancellation* cancellation) = 0;
  virtual absl::Status KillContainer(
      const runtime::v1::KillContainerRequest& request) = 0;
  virtual absl::StatusOr<runtime::v1::Container> PauseContainer(
      const runtime::v1::PauseContainerRequest& request) = 0;
  virtual absl::StatusOr<runtime::v1::Container> UnpauseContainer(
      const runtime::v1::UnpauseContainerRequest& request) = 0;
  virtual absl::Status WaitContainer(
      const runtime::v1::WaitContainerRequest& request,
      Cancellation* cancellation,
      absl::FunctionRef<absl::Status(const runtime::v1::WaitContainerResponse&)>
          on_message) = 0;
  virtual absl::StatusOr<runtime::v1::Container> BeginRemoveContainer(
      const runtime::v1::BeginRemoveContainerRequest& request) = 0;
  virtual absl::Status FinishRemoveContainer(
      const runtime::v1::FinishRemoveContainerRequest& request) = 0;
  virtual absl::Status ResizeContainer(
      const runtime::v1::ResizeContainerRequest& request) = 0;
  virtual absl::StatusOr<runtime::v1::AttachContainerResponse> AttachContainer(
      const runtime::v1::AttachContainerRequest& request) = 0;
  virtual absl::Status ReadLogs(
      const runtime::v1::ReadLogsRequest& request, Cancellation* cancellation,
      absl::FunctionRef<absl::Status(const runtime::v1::ReadLogsResponse&)>
          on_message) = 0;
  virtual absl::StatusOr<runtime::v1::ListProcessesResponse> ListProcesses(
      const runtime::v1::ListProcessesRequest& request) = 0;
  virtual absl::Status WatchStats(
      const runtime::v1::WatchStatsRequest& request, Cancellation* cancellation,
      absl::FunctionRef<absl::Status(const runtime::v1::ContainerStats&)>
          on_message) = 0;
  virtual absl::StatusOr<runtime::v1::GetNetworkNamespaceResponse>
  GetNetworkNamespace(
      const runtime::v1::GetNetworkNamespaceRequest& request) = 0;
};

// Execs; see ExecService.
class ExecClient {
 public:
  virtual ~ExecClient() = default;

  virtual absl::StatusOr<runtime::v1::Exec> CreateExec(
      const runtime::v1::CreateExecRequest& request) = 0;
  virtual absl::StatusOr<runtime::v1::Exec> GetExec(
      const runtime::v1::GetExecRequest& request) = 0;
  virtual absl::StatusOr<runtime::v1::StartExecResponse> StartExec(
      const runtime::v1::StartExecRequest& request) = 0;
  virtual absl::Status ResizeExec(
      const runtime::v1::ResizeExecRequest& request) = 0;
  virtual absl::StatusOr<runtime::v1::Exec> WaitExec(
      const runtime::v1::WaitExecRequest& request) = 0;
};

}  // namespace tug::gatewayd
