// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/archive/stream.h"
#include "lib/archive/tar_entry.h"
#include "lib/archive/tar_limits.h"

namespace tug::archive {

// Reads tar: ustar, GNU (long names, sparse, base-256 numbers) and pax
// (SCHILY.xattr, GNU sparse 0.0, 0.1 and 1.0). Byte-exact: names are neither
// converted nor normalised. Malformed input gives INVALID_ARGUMENT.
//
// Not thread-safe. Borrows the source.
class TarReader {
 public:
  explicit TarReader(Source& source);

  // The next entry, skipping what is left of the last one; absent at the end.
  absl::StatusOr<std::optional<TarEntry>> Next();

  // A piece of a file's content; valid until the next call.
  struct Piece {
    int64_t offset = 0;
    absl::string_view bytes;  // Empty: no more.
  };
  absl::StatusOr<Piece> ReadPiece();

  // Reads the whole content of a small file; RESOURCE_EXHAUSTED past `limit`.
  absl::StatusOr<std::string> ReadContent(size_t limit);

  // Reads and drops everything behind the end of the archive, so that a hash
  // below sees all bytes.
  absl::Status Drain();

 private:
  struct Extent {
    int64_t offset;
    int64_t length;
  };
  // Values that extended headers set for the next entry.
  struct Overrides {
    std::map<std::string, std::string> pax;
    std::vector<Extent> sparse_pairs;  // GNU sparse 0.0 and 0.1.
    std::optional<std::string> long_name;
    std::optional<std::string> long_link;
    // Still allowed of kMaxExtendedBytes.
    size_t bytes_left = kMaxExtendedBytes;
  };

  absl::StatusOr<size_t> Fill(size_t size);
  absl::StatusOr<std::optional<std::string>> NextBlock();
  absl::StatusOr<std::string> ReadExtended(absl::string_view header,
                                           Overrides& overrides);
  absl::Status SkipContent();
  absl::Status Skip(int64_t size);
  absl::Status ParsePax(absl::string_view records, Overrides& overrides);
  absl::Status TakePaxRecord(absl::string_view record, Overrides& overrides);
  absl::StatusOr<TarEntry> Decode(absl::string_view header,
                                  Overrides& overrides);
  absl::Status ApplyPax(const Overrides& overrides, TarEntry& entry);
  absl::Status SetUpContent(absl::string_view header,
                            const Overrides& overrides, TarEntry& entry);
  absl::Status ReadOldSparse(absl::string_view header, TarEntry& entry);
  absl::Status ReadSparseMap();
  absl::Status AddExtent(int64_t offset, int64_t length);
  absl::Status CheckExtents(int64_t real_size) const;

  Source& source_;
  std::string buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
  bool source_ended_ = false;
  bool archive_ended_ = false;
  // Of the current entry: bytes of content left in the archive, then padding.
  int64_t stored_left_ = 0;
  int64_t padding_ = 0;
  std::vector<Extent> extents_;
  size_t extent_ = 0;
  int64_t extent_done_ = 0;
};

}  // namespace tug::archive
