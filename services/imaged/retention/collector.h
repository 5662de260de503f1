// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>

#include "absl/status/statusor.h"
#include "services/imaged/content/blob_store.h"
#include "services/imaged/images/document_cache.h"
#include "services/imaged/images/image_catalog.h"
#include "services/imaged/images/lease_usage.h"
#include "services/imaged/layers/layer_catalog.h"
#include "services/imaged/pins/pin_set.h"
#include "services/imaged/stacks/stack_catalog.h"

namespace tug::imaged {

// Deletes blobs and layers that no name, no lease and no operation under way
// stands on.
//
// Thread-safe; collections run one after the other. Borrows all its parts.
class Collector {
 public:
  Collector(BlobStore& blobs, DocumentCache& documents,
            const ImageCatalog& images, LayerCatalog& layers,
            StackCatalog& stacks, const LeaseUsage& leases, PinSet& pins)
      : blobs_(blobs),
        documents_(documents),
        images_(images),
        layers_(layers),
        stacks_(stacks),
        leases_(leases),
        pins_(pins) {}

  // Answers the bytes freed. When an image's documents cannot be read, nothing
  // is deleted: what hangs below them is unknown then.
  absl::StatusOr<int64_t> Collect();

 private:
  using Marks = std::set<oci::Digest>;
  absl::Status MarkTarget(const oci::Descriptor& target, Marks& marks);
  absl::Status MarkManifest(const oci::Manifest& manifest, Marks& marks);
  absl::StatusOr<Marks> Mark();
  absl::Status SweepStacks(Marks& marks);
  absl::StatusOr<int64_t> Sweep(const Marks& marks);

  BlobStore& blobs_;
  DocumentCache& documents_;
  const ImageCatalog& images_;
  LayerCatalog& layers_;
  StackCatalog& stacks_;
  const LeaseUsage& leases_;
  PinSet& pins_;
};

}  // namespace tug::imaged
