// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/images/image_service.h"

#include "absl/strings/str_cat.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/oci/reference.h"
#include "lib/rpc/page.h"
#include "services/imaged/images/convert.h"
#include "services/imaged/images/select_manifest.h"

namespace tug::imaged {
namespace {

// Newest first; the id makes the order total, so that pages fit together.
std::string SortKey(const image::v1::Image& image) {
  // Descending time as ascending text.
  const uint64_t inverted =
      ~static_cast<uint64_t>(image.created().seconds()) ^ (uint64_t{1} << 63);
  return absl::StrCat(absl::Hex(inverted, absl::kZeroPad16), image.id());
}

// What the makers of an image size, of one that came before there were limits.
void Shorten(image::v1::Image& image) {
  image.clear_config();
  image.clear_history();
  image.mutable_target()->clear_annotations();
  image.mutable_manifest()->clear_annotations();
  image.clear_manifests();
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
  image::v1::ListImagesResponse response;
  ASSIGN_OR_RETURN(auto page,
                   rpc::OpenPage(request, response.mutable_images(),
                                 response.mutable_next_page_token()));
  const std::shared_ptr<const NameMap> names = parts.catalog.Names();
  std::map<oci::Digest, FoundImage> by_target;
  for (const auto& [name, image] : *names) {
    FoundImage& found = by_target[image.target.digest];
    found.target = image.target;
    found.names.push_back(image);
  }
  // Only keys, because whole descriptions of all images have no bound.
  std::map<std::string, const FoundImage*> sorted;
  for (const auto& [digest, found] : by_target) {
    const absl::StatusOr<image::v1::Image> image =
        parts.describer.Describe(found, std::nullopt);
    // One damaged image must not hide the others.
    LogIfError(image.status(), "list images");
    if (!image.ok()) continue;
    const std::string key = SortKey(*image);
    if (key > page.after()) sorted.emplace(key, &found);
  }
  for (const auto& [key, found] : sorted) {
    absl::StatusOr<image::v1::Image> image =
        parts.describer.Describe(*found, std::nullopt);
    if (!image.ok()) continue;
    image->clear_config_json();
    if (!page.Add(key, *std::move(image), Shorten)) break;
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
