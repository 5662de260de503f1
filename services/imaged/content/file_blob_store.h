// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "services/imaged/content/blob_store.h"

namespace tug::imaged {

// Blobs as files `blobs/sha256/<hex>` below the directory `state`, uploads in
// `uploads/`. Uploads that nobody touched for a day are removed.
absl::StatusOr<std::unique_ptr<BlobStore>> OpenFileBlobStore(int state);

}  // namespace tug::imaged
