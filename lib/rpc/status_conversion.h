// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "grpcpp/support/status.h"

namespace tug::rpc {

// To the wire: code, message, and an ErrorInfo of `domain` ("netd.tug") with
// the reason and metadata of lib/base/status.h. Logs INTERNAL and UNKNOWN.
grpc::Status ToGrpc(const absl::Status& status, absl::string_view domain);

// From the wire; the inverse of ToGrpc.
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace tug::rpc
