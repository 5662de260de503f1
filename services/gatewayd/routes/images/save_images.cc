// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "lib/base/status_macros.h"
#include "services/gatewayd/routes/images/byte_pump.h"
#include "services/gatewayd/routes/images/handlers.h"
#include "services/gatewayd/routes/images/platform_query.h"
#include "services/gatewayd/server/docker_error.h"

namespace tug::gatewayd {
namespace {

// Most images of one archive.
constexpr size_t kMaxNames = 1000;

absl::Status Save(const ImageRoutePeers& peers, RequestContext& context,
                  const std::vector<std::string>& names) {
  image::v1::SaveImagesRequest request;
  for (const std::string& name : names) request.add_names(name);
  ASSIGN_OR_RETURN(const auto platform,
                   ParsePlatformJson(context.query().Get("platform")));
  if (platform.has_value()) *request.mutable_platform() = *platform;
  const auto start = [&] {
    return context.exchange().StartStream(
        context.NewHead(200, "application/x-tar"));
  };
  // The ticket is the only message; pumping inside keeps the call open.
  return peers.images.SaveImages(
      request, &context.client_gone(),
      [&](const image::v1::SaveImagesResponse& message) -> absl::Status {
        if (!message.has_ticket()) return absl::OkStatus();
        ASSIGN_OR_RETURN(const UniqueFd socket,
                         peers.tickets.Redeem(message.ticket()));
        return PumpToResponse(socket.get(), context.exchange(), start);
      });
}

}  // namespace

absl::Status SaveImage(const ImageRoutePeers& peers, RequestContext& context) {
  return Save(peers, context, {context.parameter()});
}

absl::Status SaveImages(const ImageRoutePeers& peers, RequestContext& context) {
  const std::vector<std::string> names = context.query().GetAll("names");
  if (names.empty()) {
    return DockerError(400, "missing parameter: names (which images to save)");
  }
  if (names.size() > kMaxNames) {
    return DockerError(400, "too many images for one archive");
  }
  return Save(peers, context, names);
}

}  // namespace tug::gatewayd
