// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "lib/oci/image_config.h"
#include "lib/oci/manifest.h"
#include "services/imaged/content/blob_store.h"
#include "services/imaged/layers/ingest_layer.h"
#include "services/imaged/layers/layer_catalog.h"

namespace tug::imaged {

// Layers unpacked at once, so that a large image does not start hundreds of
// processes.
inline constexpr int kMaxParallelLayers = 6;

// Whether manifest and config agree on the number of layers;
// INVALID_ARGUMENT (MANIFEST_INVALID).
absl::Status CheckLayerCount(const oci::Manifest& manifest,
                             const oci::ImageConfig& config);

// Unpacks, from blobs in the store, those layers of an image that are not
// unpacked yet. The caller has pinned blobs and diff ids. NOT_FOUND when a
// blob is missing.
absl::Status EnsureLayers(LayerCatalog& catalog, BlobStore& blobs,
                          const Unpacker& unpacker,
                          const oci::Manifest& manifest,
                          const oci::ImageConfig& config,
                          const std::function<bool()>& cancelled);

}  // namespace tug::imaged
