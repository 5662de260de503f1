// SPDX-License-Identifier: Apache-2.0
//
// What every RPC of imaged shares: its error domain, and how a result leaves.
#pragma once

#include <utility>

#include "absl/status/statusor.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/status.h"
#include "lib/rpc/status_conversion.h"
#include "services/imaged/transfer/transfer_parts.h"

namespace tug::imaged {

inline constexpr char kDomain[] = "imaged.tug";

inline grpc::Status Answer(const absl::Status& status) {
  return rpc::ToGrpc(status, kDomain);
}

template <typename Message>
grpc::Status Answer(absl::StatusOr<Message> result, Message* response) {
  if (!result.ok()) return Answer(result.status());
  *response = *std::move(result);
  return grpc::Status::OK;
}

inline Cancelled CancelledBy(grpc::ServerContext* context) {
  return [context] { return context->IsCancelled(); };
}

}  // namespace tug::imaged
