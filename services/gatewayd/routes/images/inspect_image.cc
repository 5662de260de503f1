// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "absl/strings/str_cat.h"
#include "boost/json/array.hpp"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/gatewayd/routes/images/handlers.h"
#include "services/gatewayd/routes/images/platform_query.h"
#include "services/gatewayd/server/docker_error.h"
#include "services/gatewayd/translate/image_json.h"

namespace tug::gatewayd {
namespace {

using image::v1::Image;

// The image of the path, through the platform of the query.
absl::StatusOr<Image> Find(const ImageRoutePeers& peers,
                           RequestContext& context) {
  image::v1::GetImageRequest request;
  request.set_name(context.parameter());
  ASSIGN_OR_RETURN(const auto platform,
                   ParsePlatformJson(context.query().Get("platform")));
  if (platform.has_value()) *request.mutable_platform() = *platform;
  absl::StatusOr<Image> image = peers.images.GetImage(request);
  if (StatusReason(image.status()) == "PLATFORM_UNKNOWN" &&
      platform.has_value()) {
    return DockerError(
        404, absl::StrCat("image with reference ", context.parameter(),
                          " was found but does not provide the specified "
                          "platform (",
                          PlatformText(*platform), ")"));
  }
  return image;
}

}  // namespace

absl::Status InspectImage(const ImageRoutePeers& peers,
                          RequestContext& context) {
  const bool manifests =
      context.QueryBool("manifests") && context.version() >= ApiVersion{1, 48};
  if (manifests && !context.query().Get("platform").empty()) {
    return DockerError(400,
                       "conflicting options: manifests and platform options "
                       "cannot both be set");
  }
  ASSIGN_OR_RETURN(const Image image, Find(peers, context));
  return context.RespondJson(
      200, EncodeImageInspect(image, manifests, context.version()));
}

absl::Status ImageHistory(const ImageRoutePeers& peers,
                          RequestContext& context) {
  ASSIGN_OR_RETURN(const Image image, Find(peers, context));
  return context.RespondJson(200, EncodeImageHistory(image));
}

absl::Status ImageAttestations(const ImageRoutePeers& peers,
                               RequestContext& context) {
  ASSIGN_OR_RETURN(const Image image, Find(peers, context));
  for (const auto& manifest : image.manifests()) {
    if (manifest.kind() == image::v1::ManifestSummary::ATTESTATION) {
      return DockerError(
          501,
          "reading attestations is not built yet: save the image and read "
          "them from the archive's OCI layout");
    }
  }
  return context.RespondJson(200, boost::json::array());
}

}  // namespace tug::gatewayd
