// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "lib/base/byte_budget.h"
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
  // Parsed documents kept of each kind, by what they cost in memory; more drops
  // all of them.
  static constexpr Bounds kKept = {.count = 4096, .bytes = 24 << 20};
  // A parsed document with its text, in sizes of the text.
  static constexpr size_t kCostOfText = 4;

  // One kind.
  template <typename Parsed>
  struct Kept {
    struct Entry {
      std::shared_ptr<const Parsed> parsed;
      size_t bytes;
    };
    std::map<oci::Digest, Entry> entries;
    ByteBudget budget{kKept};

    std::shared_ptr<const Parsed> Find(const oci::Digest& digest) const;
    void Put(const oci::Digest& digest, std::shared_ptr<const Parsed> parsed,
             size_t bytes);
    void Erase(const oci::Digest& digest);
  };

  BlobStore& blobs_;
  absl::Mutex mutex_;
  Kept<oci::Document> documents_ ABSL_GUARDED_BY(mutex_);
  Kept<ConfigDocument> configs_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tug::imaged
