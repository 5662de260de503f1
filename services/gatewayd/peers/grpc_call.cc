// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/peers/grpc_call.h"

#include "absl/strings/str_cat.h"

namespace tug::gatewayd {
namespace {

struct Service {
  const char* package;
  const char* text;
};

constexpr Service kServices[] = {
    {"tug.image.v1", "the image service (imaged)"},
    {"tug.network.v1", "the network service (netd)"},
    {"tug.registry.v1", "the registry service (registryd)"},
    {"tug.runtime.v1", "the container service (runtimed)"},
    {"tug.volume.v1", "the volume service (volumed)"},
};

// Events come from every service.
absl::string_view ServiceOf(absl::string_view package) {
  for (const Service& service : kServices) {
    if (package == service.package) return service.text;
  }
  return "a service of the engine";
}

}  // namespace

absl::Status FromPeer(const grpc::Status& status, absl::string_view package) {
  const absl::Status told = rpc::FromGrpc(status);
  if (!status.error_details().empty()) return told;
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE) {
    return absl::UnavailableError(absl::StrCat(
        ServiceOf(package),
        " has just gone and is being restarted: look whether the change has "
        "been made, and try again"));
  }
  if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) {
    return absl::DeadlineExceededError(absl::StrCat(
        ServiceOf(package),
        " has not answered in time: it is restarting, down or busy; what it "
        "had begun is finished or undone in the background; try again, and "
        "read its log should this go on"));
  }
  return told;
}

}  // namespace tug::gatewayd
