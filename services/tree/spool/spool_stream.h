// SPDX-License-Identifier: Apache-2.0
//
// An archive of images, taken apart by tug-tree so that its parent need not
// parse a tar. The stream is a row of frames:
//
//   frame  = file | link | end
//   file   = "F" size path-length path content    content has `size` bytes
//   link   = "L" target-length path-length path target
//   end    = "E"
//
// Lengths are eight bytes, little endian. Paths are clean (entry_path.h), those
// of links too: a symbolic link's target has been made one from the root.
// Directories and devices are left out. Both ends count what the names come
// to, so that the reader may keep them all.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "lib/archive/stream.h"
#include "lib/archive/tar_reader.h"
#include "lib/base/byte_budget.h"

namespace tug::tree {

// Most bytes of names in one archive: their text and what keeping each in
// memory takes besides.
inline constexpr size_t kMaxSpoolNamesBytes = 16 << 20;
inline constexpr size_t kSpoolNameCost = 160;
inline constexpr Bounds kSpoolNames = {
    .count = kMaxSpoolNamesBytes / kSpoolNameCost,
    .bytes = kMaxSpoolNamesBytes};

// Writes all of a tar as frames. Sparse files are refused: no blob is one.
absl::Status WriteSpool(archive::TarReader& reader, archive::Sink& sink);

// Reads frames. Borrows the source. Not thread-safe.
class SpoolReader {
 public:
  explicit SpoolReader(archive::Source& source) : source_(source) {}

  struct Entry {
    std::string path;
    bool is_link = false;
    std::string link_target;
    int64_t size = 0;  // Of a file.
  };
  // The next file or link, skipping what is left of the last file; absent at
  // the end, after the source has ended well. INVALID_ARGUMENT for what is no
  // such stream.
  absl::StatusOr<std::optional<Entry>> Next();

  // A part of the file's content; 0 at its end.
  absl::StatusOr<size_t> Read(char* buffer, size_t size);

 private:
  absl::Status ReadExact(char* buffer, size_t size);
  absl::StatusOr<uint64_t> ReadNumber();
  absl::StatusOr<std::string> ReadName();
  absl::Status SkipContent();

  archive::Source& source_;
  int64_t left_ = 0;
  ByteBudget names_{kSpoolNames};
};

}  // namespace tug::tree
