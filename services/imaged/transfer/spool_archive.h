// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "lib/archive/stream.h"
#include "lib/oci/digest.h"
#include "services/imaged/content/blob_store.h"
#include "services/imaged/transfer/transfer_parts.h"

namespace tug::imaged {

// An archive whose files have become blobs. How many there may be is bounded by
// the bytes of their names (tree::kMaxSpoolNamesBytes), how large a table may
// be by oci::kMaxDocumentSize.
struct SpooledArchive {
  struct File {
    oci::Digest digest;
    int64_t size = 0;
  };
  // By clean path; links of old docker-archives are resolved.
  std::map<std::string, File> files;
  // Content of index.json, manifest.json and the like.
  std::map<std::string, std::string> tables;
};

// Stores every file of an archive as blob; `frames` is what tug-tree makes of
// the archive (spool_format.h). Files named "blobs/sha256/<hex>" must have that
// digest. The caller holds a pin on everything. INVALID_ARGUMENT
// (ARCHIVE_INVALID).
absl::StatusOr<SpooledArchive> SpoolArchive(BlobStore& blobs,
                                            archive::Source& frames,
                                            const Cancelled& cancelled);

// Marks a fault of the archive.
absl::Status ArchiveInvalid(const absl::Status& status);

}  // namespace tug::imaged
