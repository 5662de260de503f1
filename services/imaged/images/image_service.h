// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>

#include "absl/status/statusor.h"
#include "lib/base/clock.h"
#include "lib/oci/platform.h"
#include "proto/tug/image/v1/image.pb.h"
#include "services/imaged/images/describe_image.h"
#include "services/imaged/images/find_image.h"
#include "services/imaged/images/image_catalog.h"
#include "services/imaged/images/image_events.h"

namespace tug::imaged {

// Deletes unreferenced content and answers the bytes freed.
using CollectGarbage = std::function<absl::StatusOr<int64_t>()>;

// What the operations on images stand on. Everything outlives them.
struct ImageParts {
  ImageCatalog& catalog;
  DocumentCache& documents;
  const ImageDescriber& describer;
  const LeaseUsage& leases;
  ImageEvents& events;
  Clock& clock;
  CollectGarbage collect;
};

// The operations of ImageService that move no bytes; errors as in
// proto/tug/image/v1/image.proto. Thread-safe.
absl::StatusOr<image::v1::Image> GetImage(
    const ImageParts& parts, const image::v1::GetImageRequest& request);
absl::StatusOr<image::v1::ListImagesResponse> ListImages(
    const ImageParts& parts, const image::v1::ListImagesRequest& request);
absl::Status TagImage(const ImageParts& parts,
                      const image::v1::TagImageRequest& request);
absl::StatusOr<image::v1::RemoveImageResponse> RemoveImage(
    const ImageParts& parts, const image::v1::RemoveImageRequest& request);
absl::StatusOr<image::v1::PruneImagesResponse> PruneImages(
    const ImageParts& parts, const image::v1::PruneImagesRequest& request);

// Labels for events; empty when the config cannot be read.
std::map<std::string, std::string> LabelsOf(DocumentCache& documents,
                                            const oci::Descriptor& target);

}  // namespace tug::imaged
