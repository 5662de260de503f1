// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "lib/oci/platform.h"
#include "proto/tug/image/v1/image.pb.h"
#include "services/imaged/content/blob_store.h"
#include "services/imaged/images/document_cache.h"
#include "services/imaged/images/find_image.h"
#include "services/imaged/images/lease_usage.h"
#include "services/imaged/layers/layer_catalog.h"

namespace tug::imaged {

// Builds what GetImage and ListImages answer, from memory as far as the
// documents have been read before. Thread-safe; borrows all its parts.
class ImageDescriber {
 public:
  ImageDescriber(BlobStore& blobs, DocumentCache& documents,
                 const LayerCatalog& layers, const LeaseUsage& leases)
      : blobs_(blobs),
        documents_(documents),
        layers_(layers),
        leases_(leases) {}

  // NOT_FOUND (PLATFORM_UNKNOWN).
  absl::StatusOr<image::v1::Image> Describe(
      const FoundImage& found,
      const std::optional<oci::Platform>& platform) const;

 private:
  image::v1::ManifestSummary Summarize(
      const oci::Descriptor& descriptor,
      const std::vector<LeaseUsage::Use>& uses) const;

  BlobStore& blobs_;
  DocumentCache& documents_;
  const LayerCatalog& layers_;
  const LeaseUsage& leases_;
};

}  // namespace tug::imaged
