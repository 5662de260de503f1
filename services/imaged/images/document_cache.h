// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "lib/oci/image_config.h"
#include "lib/oci/manifest.h"
#include "services/imaged/content/blob_store.h"

namespace tug::imaged {

// A config and its bytes.
struct ConfigDocument {
  oci::ImageConfig config;
  std::string text;
};

// Parsed manifests, indexes and configs, read from the blob store when first
// asked for.
//
// Thread-safe. Borrows the store. What it answers is shared with everybody who
// asked, and never changes.
class DocumentCache {
 public:
  explicit DocumentCache(BlobStore& blobs) : blobs_(blobs) {}

  // NOT_FOUND when the blob is absent, INVALID_ARGUMENT (MANIFEST_INVALID).
  absl::StatusOr<std::shared_ptr<const oci::Document>> Document(
      const oci::Descriptor& descriptor);
  absl::StatusOr<std::shared_ptr<const ConfigDocument>> Config(
      const oci::Digest& digest);

  // For blobs that are deleted.
  void Forget(const oci::Digest& digest);

 private:
  // Parsed documents kept; more drops all of them.
  static constexpr size_t kMaxEntries = 4096;

  BlobStore& blobs_;
  absl::Mutex mutex_;
  std::map<oci::Digest, std::shared_ptr<const oci::Document>> documents_
      ABSL_GUARDED_BY(mutex_);
  std::map<oci::Digest, std::shared_ptr<const ConfigDocument>> configs_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace tug::imaged
