// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/oci/platform.h"
#include "services/imaged/images/document_cache.h"

namespace tug::imaged {

// One image of one platform.
struct PlatformImage {
  oci::Descriptor descriptor;  // Of the manifest.
  std::shared_ptr<const oci::Document> document;
  std::shared_ptr<const ConfigDocument> config;

  const oci::Manifest& manifest() const {
    return std::get<oci::Manifest>(*document);
  }
};

// The image below `target` for a platform. Without one: this host's, or else
// whatever is here, as an image pulled for another platform on purpose.
// NOT_FOUND (PLATFORM_UNKNOWN).
absl::StatusOr<PlatformImage> SelectManifest(
    DocumentCache& documents, const oci::Descriptor& target,
    const std::optional<oci::Platform>& platform);

}  // namespace tug::imaged
