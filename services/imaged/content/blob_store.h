// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/archive/stream.h"
#include "lib/oci/digest.h"
#include "lib/sys/unique_fd.h"

namespace tug::imaged {

// A blob on its way in. Dropping it without Commit throws the bytes away,
// unless Keep was called. Not thread-safe.
class BlobWriter : public archive::Sink {
 public:
  // Bytes that an earlier upload of the same name left, already counted and
  // hashed.
  virtual int64_t size() const = 0;

  // A second descriptor of the bytes so far, positioned at the start.
  virtual absl::StatusOr<UniqueFd> OpenWritten() = 0;

  // Syncs and publishes. With a digest, DATA_LOSS (DIGEST_MISMATCH) if the
  // bytes do not have it; nothing is published then.
  virtual absl::StatusOr<oci::Digest> Commit(const oci::Digest* expected) = 0;

  // Leaves the bytes for a later writer of the same name.
  virtual void Keep() = 0;
};

// Content-addressed bytes on this host. A blob is invisible until its writer
// commits, and immutable afterwards.
//
// Thread-safe. Writers borrow the store and must not outlive it.
class BlobStore {
 public:
  virtual ~BlobStore() = default;

  // Bytes of the blob; NOT_FOUND. Answers from memory.
  virtual absl::StatusOr<int64_t> Size(const oci::Digest& digest) = 0;

  // For reading; NOT_FOUND.
  virtual absl::StatusOr<UniqueFd> Open(const oci::Digest& digest) = 0;

  // Starts or resumes the upload `name` (a digest's hex, or empty for a new
  // one that cannot be resumed). ABORTED while another writer holds it.
  virtual absl::StatusOr<std::unique_ptr<BlobWriter>> Write(
      absl::string_view name) = 0;

  // Of an absent blob: no effect.
  virtual absl::Status Delete(const oci::Digest& digest) = 0;

  struct Info {
    oci::Digest digest;
    int64_t size;
  };
  // All blobs, from memory.
  virtual std::vector<Info> List() = 0;
};

// Stores bytes that are in memory; answers their digest.
absl::StatusOr<oci::Digest> PutBlob(BlobStore& store, absl::string_view bytes);

// Reads a document of at most oci::kMaxDocumentSize and verifies it again:
// DATA_LOSS when the disk has changed it.
absl::StatusOr<std::string> ReadBlob(BlobStore& store,
                                     const oci::Digest& digest);

}  // namespace tug::imaged
