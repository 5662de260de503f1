// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/grpc/grpc_container_service.h"

#include "absl/strings/numbers.h"
#include "lib/base/status.h"
#include "lib/rpc/page.h"
#include "lib/rpc/status_conversion.h"
#include "services/runtimed/grpc/record_view.h"
#include "services/runtimed/lifecycle/attach_container.h"
#include "services/runtimed/lifecycle/create_container.h"
#include "services/runtimed/lifecycle/kill_container.h"
#include "services/runtimed/lifecycle/list_processes.h"
#include "services/runtimed/lifecycle/pause_container.h"
#include "services/runtimed/lifecycle/remove_container.h"
#include "services/runtimed/lifecycle/rename_container.h"
#include "services/runtimed/lifecycle/start_container.h"
#include "services/runtimed/lifecycle/stop_container.h"
#include "services/runtimed/lifecycle/update_container.h"

namespace tug::runtimed {
namespace {

using grpc::ServerContext;
using runtime::v1::Container;

constexpr char kDomain[] = "runtimed.tug";

grpc::Status Finish(const absl::Status& status) {
  return rpc::ToGrpc(status, kDomain);
}

grpc::Status Finish(const Runtime& rt, const absl::StatusOr<RecordPtr>& record,
                    Container* response) {
  if (record.ok()) *response = FullView(rt, **record);
  return Finish(record.status());
}

template <typename Value>
grpc::Status Finish(absl::StatusOr<Value> value, Value* response) {
  if (value.ok()) *response = *std::move(value);
  return Finish(value.status());
}

// A position as page token: "<-created>/<id>".
absl::StatusOr<ContainerCatalog::Position> ParsePosition(
    const std::string& key) {
  ContainerCatalog::Position position;
  const size_t slash = key.find('/');
  if (slash == std::string::npos ||
      !absl::SimpleAtoi(key.substr(0, slash), &position.first)) {
    return WithReason(absl::InvalidArgumentError("page token is malformed"),
                      "PAGE_TOKEN_INVALID");
  }
  position.second = key.substr(slash + 1);
  return position;
}

}  // namespace

grpc::Status GrpcContainerService::CreateContainer(
    ServerContext*, const runtime::v1::CreateContainerRequest* request,
    Container* response) {
  return Finish(rt_, runtimed::CreateContainer(rt_, *request), response);
}

grpc::Status GrpcContainerService::CommitContainer(
    ServerContext*, const runtime::v1::CommitContainerRequest* request,
    Container* response) {
  return Finish(rt_, runtimed::CommitContainer(rt_, *request), response);
}

grpc::Status GrpcContainerService::AbandonContainer(
    ServerContext*, const runtime::v1::AbandonContainerRequest* request,
    runtime::v1::AbandonContainerResponse*) {
  return Finish(runtimed::AbandonContainer(rt_, request->id()));
}

grpc::Status GrpcContainerService::GetContainer(
    ServerContext*, const runtime::v1::GetContainerRequest* request,
    Container* response) {
  return Finish(rt_, rt_.catalog.Resolve(request->reference()), response);
}

grpc::Status GrpcContainerService::ListContainers(
    ServerContext*, const runtime::v1::ListContainersRequest* request,
    runtime::v1::ListContainersResponse* response) {
  auto page = rpc::OpenPage(*request, response->mutable_containers(),
                            response->mutable_next_page_token());
  if (!page.ok()) return Finish(page.status());
  ContainerCatalog::Position after;
  if (!page->after().empty()) {
    const auto position = ParsePosition(page->after());
    if (!position.ok()) return Finish(position.status());
    after = *position;
  }
  const bool basic = request->view() == runtime::v1::CONTAINER_VIEW_BASIC;
  for (const RecordPtr& record :
       rt_.catalog.List(page->after().empty() ? nullptr : &after)) {
    const auto [created, id] = ContainerCatalog::PositionOf(*record);
    Container container =
        basic ? BasicView(rt_, *record) : FullView(rt_, *record);
    const auto shorten = [&](Container& c) { c = ShortView(rt_, *record); };
    if (!page->Add(absl::StrCat(created, "/", id), std::move(container),
                   shorten)) {
      break;
    }
  }
  return grpc::Status::OK;
}

grpc::Status GrpcContainerService::RenameContainer(
    ServerContext*, const runtime::v1::RenameContainerRequest* request,
    Container* response) {
  return Finish(rt_, runtimed::RenameContainer(rt_, *request), response);
}

grpc::Status GrpcContainerService::UpdateContainer(
    ServerContext*, const runtime::v1::UpdateContainerRequest* request,
    runtime::v1::UpdateContainerResponse* response) {
  return Finish(runtimed::UpdateContainer(rt_, *request), response);
}

grpc::Status GrpcContainerService::StartContainer(
    ServerContext*, const runtime::v1::StartContainerRequest* request,
    Container* response) {
  return Finish(rt_, runtimed::StartContainer(rt_, *request), response);
}

// A handler runs to its end when the caller leaves: so does the stop.
grpc::Status GrpcContainerService::StopContainer(
    ServerContext*, const runtime::v1::StopContainerRequest* request,
    runtime::v1::StopContainerResponse* response) {
  return Finish(runtimed::StopContainer(rt_, *request), response);
}

grpc::Status GrpcContainerService::KillContainer(
    ServerContext*, const runtime::v1::KillContainerRequest* request,
    runtime::v1::KillContainerResponse*) {
  return Finish(runtimed::KillContainer(rt_, *request));
}

grpc::Status GrpcContainerService::PauseContainer(
    ServerContext*, const runtime::v1::PauseContainerRequest* request,
    Container* response) {
  return Finish(rt_, runtimed::PauseContainer(rt_, request->id()), response);
}

grpc::Status GrpcContainerService::UnpauseContainer(
    ServerContext*, const runtime::v1::UnpauseContainerRequest* request,
    Container* response) {
  return Finish(rt_, runtimed::UnpauseContainer(rt_, request->id()), response);
}

grpc::Status GrpcContainerService::BeginRemoveContainer(
    ServerContext*, const runtime::v1::BeginRemoveContainerRequest* request,
    Container* response) {
  return Finish(rt_, runtimed::BeginRemoveContainer(rt_, *request), response);
}

grpc::Status GrpcContainerService::FinishRemoveContainer(
    ServerContext*, const runtime::v1::FinishRemoveContainerRequest* request,
    runtime::v1::FinishRemoveContainerResponse*) {
  return Finish(runtimed::FinishRemoveContainer(rt_, request->id()));
}

grpc::Status GrpcContainerService::ResizeContainer(
    ServerContext*, const runtime::v1::ResizeContainerRequest* request,
    runtime::v1::ResizeContainerResponse*) {
  return Finish(runtimed::ResizeContainer(rt_, *request));
}

grpc::Status GrpcContainerService::AttachContainer(
    ServerContext*, const runtime::v1::AttachContainerRequest* request,
    runtime::v1::AttachContainerResponse* response) {
  return Finish(runtimed::AttachContainer(rt_, *request),
                response->mutable_ticket());
}

grpc::Status GrpcContainerService::ListProcesses(
    ServerContext*, const runtime::v1::ListProcessesRequest* request,
    runtime::v1::ListProcessesResponse* response) {
  return Finish(runtimed::ListProcesses(rt_, *request), response);
}

grpc::Status GrpcContainerService::GetNetworkNamespace(
    ServerContext*, const runtime::v1::GetNetworkNamespaceRequest* request,
    runtime::v1::GetNetworkNamespaceResponse* response) {
  return Finish(runtimed::GetNetworkNamespace(rt_, request->id()),
                response->mutable_ticket());
}

}  // namespace tug::runtimed
