// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "services/imaged/content/blob_store.h"

namespace tug::imaged {

// Blobs as files `blobs/sha256/<hex>` below the directory `state`, uploads in
// `uploads/`. Uploads that nobody touched for a day are removed. A blob may
// take at most `max_space_percent` of what was free on the disk when it began
// (RESOURCE_EXHAUSTED): a compressed archive of one file can be any size.
absl::StatusOr<std::unique_ptr<BlobStore>> OpenFileBlobStore(
    int state, int max_space_percent = 100);

}  // namespace tug::imaged
