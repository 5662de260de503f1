// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/oci/manifest.h"
#include "services/imaged/content/blob_store.h"
#include "services/imaged/transfer/spool_archive.h"

namespace tug::imaged {

// One image of an archive: where it is, and the full references it is to get.
struct ArchivedImage {
  oci::Descriptor target;
  std::vector<std::string> names;
};

// Reads the tables of contents of a spooled archive: an OCI layout's
// index.json, else a docker-archive's manifest.json, for whose images
// manifests are made and stored. INVALID_ARGUMENT (ARCHIVE_INVALID).
absl::StatusOr<std::vector<ArchivedImage>> ReadArchiveIndex(
    BlobStore& blobs, const SpooledArchive& archive);

// Whether the blob is as long as the descriptor says. NOT_FOUND if it is not
// there; INVALID_ARGUMENT.
absl::Status CheckSize(BlobStore& blobs, const oci::Descriptor& descriptor);

}  // namespace tug::imaged
