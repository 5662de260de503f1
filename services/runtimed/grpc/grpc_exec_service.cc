// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/grpc/grpc_exec_service.h"

#include "absl/time/clock.h"
#include "lib/rpc/status_conversion.h"
#include "services/runtimed/execs/exec_operations.h"

namespace tug::runtimed {
namespace {

using grpc::ServerContext;
using runtime::v1::Exec;

constexpr char kDomain[] = "runtimed.tug";
constexpr absl::Duration kCancelPoll = absl::Milliseconds(250);

template <typename Value>
grpc::Status Finish(absl::StatusOr<Value> value, Value* response) {
  if (value.ok()) *response = *std::move(value);
  return rpc::ToGrpc(value.status(), kDomain);
}

}  // namespace

grpc::Status GrpcExecService::CreateExec(
    ServerContext*, const runtime::v1::CreateExecRequest* request,
    Exec* response) {
  return Finish(runtimed::CreateExec(rt_, *request), response);
}

grpc::Status GrpcExecService::GetExec(
    ServerContext*, const runtime::v1::GetExecRequest* request,
    Exec* response) {
  return Finish(rt_.execs.Resolve(request->id()), response);
}

grpc::Status GrpcExecService::StartExec(
    ServerContext*, const runtime::v1::StartExecRequest* request,
    runtime::v1::StartExecResponse* response) {
  return Finish(runtimed::StartExec(rt_, *request), response);
}

grpc::Status GrpcExecService::ResizeExec(
    ServerContext*, const runtime::v1::ResizeExecRequest* request,
    runtime::v1::ResizeExecResponse*) {
  return rpc::ToGrpc(runtimed::ResizeExec(rt_, *request), kDomain);
}

grpc::Status GrpcExecService::WaitExec(
    ServerContext* context, const runtime::v1::WaitExecRequest* request,
    Exec* response) {
  const auto known = rt_.execs.Resolve(request->id());
  if (!known.ok()) return rpc::ToGrpc(known.status(), kDomain);
  for (;;) {
    auto exec = rt_.execs.AwaitEnd(known->id(), absl::Now() + kCancelPoll);
    if (!absl::IsDeadlineExceeded(exec.status())) {
      return Finish(std::move(exec), response);
    }
    if (context->IsCancelled()) return grpc::Status::CANCELLED;
  }
}

}  // namespace tug::runtimed
