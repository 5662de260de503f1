// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/peers/grpc_call.h"

#include "absl/strings/str_cat.h"

namespace tug::gatewayd {

absl::Status FromPeer(const grpc::Status& status) {
  const absl::Status told = rpc::FromGrpc(status);
  if (!status.error_details().empty()) return told;
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE) {
    return absl::UnavailableError(absl::StrCat(
        "a service of the engine has just gone and is being restarted, try "
        "again: ",
        told.message()));
  }
  if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) {
    return absl::DeadlineExceededError(absl::StrCat(
        "a service of the engine has not answered in time; what it had begun "
        "is finished or undone in the background: ",
        told.message()));
  }
  return told;
}

}  // namespace tug::gatewayd
