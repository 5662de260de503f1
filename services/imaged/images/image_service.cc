// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/images/image_service.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/oci/reference.h"
#include "lib/rpc/page_token.h"
#include "services/imaged/images/convert.h"
#include "services/imaged/images/select_manifest.h"

namespace tug::imaged {
namespace {

constexpr size_t kDefaultImages = 1000;
constexpr size_t kMaxImages = 10000;

// Newest first; the id makes the order total, so that pages fit together.
std::string SortKey(const image::v1::Image& image) {
  // Descending time as ascending text.
  const uint64_t inverted =
      ~static_cast<uint64_t>(image.created().seconds()) ^ (uint64_t{1} << 63);
  return absl::StrCat(absl::Hex(inverted, absl::kZeroPad16), image.id());
}

}  // namespace

std::map<std::string, std::string> LabelsOf(DocumentCache& documents,
                                            const oci::Descriptor& target) {
  const absl::StatusOr<PlatformImage> image =
      SelectManifest(documents, target, std::nullopt);
  if (!image.ok()) return {};
  return image->config->config.config.labels;
}

absl::StatusOr<image::v1::Image> GetImage(
    const ImageParts& parts, const image::v1::GetImageRequest& request) {
  ASSIGN_OR_RETURN(
      const FoundImage found,
      FindImage(*parts.catalog.Names(), parts.documents, request.name()));
  return parts.describer.Describe(found, FromProto(request.platform()));
}

absl::StatusOr<image::v1::ListImagesResponse> ListImages(
    const ImageParts& parts, const image::v1::ListImagesRequest& request) {
  ASSIGN_OR_RETURN(const std::string after,
                   rpc::DecodePageToken(request.page_token()));
  if (request.page_size() < 0) {
    return absl::InvalidArgumentError("page_size is negative");
  }
  const size_t limit = request.page_size() == 0
                           ? kDefaultImages
                           : std::min<size_t>(request.page_size(), kMaxImages);
  const std::shared_ptr<const NameMap> names = parts.catalog.Names();
  std::map<oci::Digest, FoundImage> by_target;
  for (const auto& [name, image] : *names) {
    FoundImage& found = by_target[image.target.digest];
    found.target = image.target;
    found.names.push_back(image);
  }
  std::map<std::string, image::v1::Image> sorted;
  for (const auto& [digest, found] : by_target) {
    absl::StatusOr<image::v1::Image> image =
        parts.describer.Describe(found, std::nullopt);
    // One damaged image must not hide the others.
    if (!image.ok()) {
      LogIfError(image.status(), "list images");
      continue;
    }
    const std::string key = SortKey(*image);
    if (key > after) sorted.emplace(key, *std::move(image));
  }
  image::v1::ListImagesResponse response;
  std::string last;
  for (auto& [key, image] : sorted) {
    if (static_cast<size_t>(response.images_size()) == limit) {
      response.set_next_page_token(rpc::EncodePageToken(last));
      break;
    }
    last = key;
    *response.add_images() = std::move(image);
  }
  return response;
}

absl::Status TagImage(const ImageParts& parts,
                      const image::v1::TagImageRequest& request) {
  ASSIGN_OR_RETURN(
      const FoundImage found,
      FindImage(*parts.catalog.Names(), parts.documents, request.name()));
  ASSIGN_OR_RETURN(const oci::Reference target,
                   oci::ParseReferenceWithDefaultTag(request.target()));
  if (!target.digest.empty()) {
    return WithReason(
        absl::InvalidArgumentError(absl::StrCat(
            "\"", request.target(), "\": a tag cannot name a digest")),
        "REFERENCE_INVALID");
  }
  RETURN_IF_ERROR(
      parts.catalog.Put({target.ToString(), found.target, parts.clock.Now()})
          .status());
  parts.events.Publish("tag", found.target.digest.ToString(), target.Familiar(),
                       LabelsOf(parts.documents, found.target));
  return absl::OkStatus();
}

}  // namespace tug::imaged
