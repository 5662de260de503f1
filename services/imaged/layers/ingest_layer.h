// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/archive/stream.h"
#include "lib/oci/digest.h"
#include "services/imaged/content/blob_store.h"
#include "services/imaged/layers/layer_catalog.h"

namespace tug::imaged {

// How layers are unpacked.
struct Unpacker {
  std::string program;  // Path of tug-tree.
  // Most of the disk's free space that one layer may take.
  int max_space_percent = 80;
};

// One layer on its way in.
struct LayerInput {
  // The compressed bytes that follow what `writer` already has.
  archive::Source* source = nullptr;
  // Where the blob is kept; null when it is in the store already.
  BlobWriter* writer = nullptr;
  // What the blob must be; empty: anything.
  oci::Digest blob;
  // What the plain tar must be; empty: anything.
  oci::Digest diff_id;
  // What unlisted directories look like below (SerializeHints). With hints the
  // layer is a variant, known by VariantId.
  std::string hints;
  // Called with the bytes read so far, on the caller's thread.
  std::function<void(int64_t)> on_progress;
  std::function<bool()> cancelled;
};

// Identity of a layer that was unpacked with hints.
oci::Digest VariantId(const oci::Digest& diff_id, absl::string_view hints);

struct IngestedLayer {
  v1::LayerRecord record;
  // Directories that the archive did not describe.
  std::vector<std::string> implicit;
  oci::Digest blob;
  int64_t blob_size = 0;
};

// Hashes, stores, inflates and unpacks a layer in one pass. Nothing becomes
// visible before both digests fit: DATA_LOSS (DIGEST_MISMATCH),
// INVALID_ARGUMENT (LAYER_INVALID), RESOURCE_EXHAUSTED (what it unfolds to),
// CANCELLED, or the source's own failure.
absl::StatusOr<IngestedLayer> IngestLayer(LayerCatalog& catalog,
                                          const Unpacker& unpacker,
                                          const LayerInput& input);

}  // namespace tug::imaged
