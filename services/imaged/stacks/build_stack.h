// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/oci/image_config.h"
#include "lib/oci/manifest.h"
#include "services/imaged/content/blob_store.h"
#include "services/imaged/layers/ingest_layer.h"
#include "services/imaged/layers/layer_catalog.h"
#include "services/imaged/pins/pin_set.h"
#include "services/imaged/stacks/stack_catalog.h"

namespace tug::imaged {

// What unpacking and stacking stand on. Everything outlives them.
struct StackParts {
  BlobStore& blobs;
  LayerCatalog& layers;
  StackCatalog& stacks;
  PinSet& pins;
  Unpacker unpacker;
};

// Makes an image ready for containers: unpacks what is missing, and gives
// layers that leave directories out a variant that fits those below. The
// caller has pinned manifest, blobs and diff ids. NOT_FOUND when a blob is
// missing, otherwise as IngestLayer.
absl::Status BuildStack(const StackParts& parts,
                        const oci::Digest& manifest_digest,
                        const oci::Manifest& manifest,
                        const oci::ImageConfig& config,
                        const std::function<bool()>& cancelled);

}  // namespace tug::imaged
