// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/archive/stream.h"

namespace tug::archive {

enum class Compression { kNone, kGzip, kZstd, kXz, kBzip2 };

// Bytes DetectCompression wants to see.
inline constexpr size_t kMagicSize = 6;

// By magic number; anything unknown is kNone.
Compression DetectCompression(absl::string_view head);

// "gzip", "zstd", ...
absl::string_view CompressionName(Compression compression);

// The plain bytes of `source`, which is owned from now on. The kind is found
// by its first bytes and told in `found` (may be null). Damaged or truncated
// input gives INVALID_ARGUMENT.
absl::StatusOr<std::unique_ptr<Source>> OpenDecompressed(
    std::unique_ptr<Source> source, Compression* found);

}  // namespace tug::archive
