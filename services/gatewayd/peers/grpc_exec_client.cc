// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <utility>

#include "proto/tug/runtime/v1/container.grpc.pb.h"
#include "services/gatewayd/peers/grpc_call.h"
#include "services/gatewayd/peers/grpc_clients.h"

namespace tug::gatewayd {
namespace {

namespace v1 = runtime::v1;
using Stub = v1::ExecService::Stub;

class GrpcExecClient final : public ExecClient {
 public:
  explicit GrpcExecClient(ChannelPtr channel) : stub_(std::move(channel)) {}

  absl::StatusOr<v1::Exec> CreateExec(
      const v1::CreateExecRequest& request) override {
    return Call<v1::Exec>(stub_, &Stub::CreateExec, request);
  }

  absl::StatusOr<v1::Exec> GetExec(const v1::GetExecRequest& request) override {
    return Call<v1::Exec>(stub_, &Stub::GetExec, request);
  }

  absl::StatusOr<v1::StartExecResponse> StartExec(
      const v1::StartExecRequest& request) override {
    return Call<v1::StartExecResponse>(stub_, &Stub::StartExec, request,
                                       kSlowCall);
  }

  absl::Status ResizeExec(const v1::ResizeExecRequest& request) override {
    return Call<v1::ResizeExecResponse>(stub_, &Stub::ResizeExec, request)
        .status();
  }

  absl::StatusOr<v1::Exec> WaitExec(
      const v1::WaitExecRequest& request) override {
    return Call<v1::Exec>(stub_, &Stub::WaitExec, request);
  }

 private:
  Stub stub_;
};

}  // namespace

std::unique_ptr<ExecClient> NewExecClient(ChannelPtr runtimed) {
  return std::make_unique<GrpcExecClient>(std::move(runtimed));
}

}  // namespace tug::gatewayd
