// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/routes/images/image_routes.h"

#include <utility>

#include "lib/base/status_macros.h"
#include "services/gatewayd/peers/list_pages.h"
#include "services/gatewayd/routes/images/handlers.h"

namespace tug::gatewayd {
absl::StatusOr<std::vector<image::v1::Image>> ListAllImages(
    ImageClient& client) {
  std::vector<image::v1::Image> images;
  const auto take = [&](image::v1::ListImagesResponse& page) {
    for (image::v1::Image& image : *page.mutable_images()) {
      images.push_back(std::move(image));
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(ReadPages(client, &ImageClient::ListImages,
                            image::v1::ListImagesRequest(), take));
  return images;
}

std::vector<Route> ImageRoutes(const ImageRoutePeers& peers) {
  const auto bind = [peers](absl::Status (*handler)(const ImageRoutePeers&,
                                                    RequestContext&)) {
    return [peers, handler](RequestContext& context) {
      return handler(peers, context);
    };
  };
  return {
      {"GET", "/images/json", {1, 0}, bind(ListImages)},
      {"GET", "/images/get", {1, 15}, bind(SaveImages)},
      {"GET", "/images/{name}/get", {1, 7}, bind(SaveImage)},
      {"GET", "/images/{name}/json", {1, 0}, bind(InspectImage)},
      {"GET", "/images/{name}/history", {1, 0}, bind(ImageHistory)},
      {"GET", "/images/{name}/attestations", {1, 55}, bind(ImageAttestations)},
      {"POST", "/images/create", {1, 0}, bind(CreateImage)},
      {"POST", "/images/load", {1, 7}, bind(LoadImages)},
      {"POST", "/images/prune", {1, 25}, bind(PruneImages)},
      {"POST", "/images/{name}/tag", {1, 0}, bind(TagImage)},
      {"DELETE", "/images/{name}", {1, 0}, bind(RemoveImage)},
      {"GET", "/distribution/{name}/json", {1, 30}, bind(InspectDistribution)},
  };
}

}  // namespace tug::gatewayd
