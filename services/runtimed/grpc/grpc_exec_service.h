// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "proto/tug/runtime/v1/container.grpc.pb.h"
#include "services/runtimed/runtime/runtime.h"

namespace tug::runtimed {

// ExecService: decodes, calls an operation, encodes. Thread-safe.
class GrpcExecService final : public runtime::v1::ExecService::Service {
 public:
  // `rt` must outlive the service.
  explicit GrpcExecService(Runtime& rt) : rt_(rt) {}

  grpc::Status CreateExec(grpc::ServerContext* context,
                          const runtime::v1::CreateExecRequest* request,
                          runtime::v1::Exec* response) override;
  grpc::Status GetExec(grpc::ServerContext* context,
                       const runtime::v1::GetExecRequest* request,
                       runtime::v1::Exec* response) override;
  grpc::Status StartExec(grpc::ServerContext* context,
                         const runtime::v1::StartExecRequest* request,
                         runtime::v1::StartExecResponse* response) override;
  grpc::Status ResizeExec(grpc::ServerContext* context,
                          const runtime::v1::ResizeExecRequest* request,
                          runtime::v1::ResizeExecResponse* response) override;
  grpc::Status WaitExec(grpc::ServerContext* context,
                        const runtime::v1::WaitExecRequest* request,
                        runtime::v1::Exec* response) override;

 private:
  Runtime& rt_;
};

}  // namespace tug::runtimed
