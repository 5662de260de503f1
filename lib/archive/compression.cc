// SPDX-License-Identifier: Apache-2.0
#include "lib/archive/compression.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "absl/strings/match.h"
#include "lib/archive/gzip.h"
#include "lib/archive/library_filter.h"
#include "lib/archive/zstd.h"
#include "lib/base/status_macros.h"

namespace tug::archive {
namespace {

// Gives back what was read ahead before the rest.
class PrefixedSource final : public Source {
 public:
  PrefixedSource(std::string prefix, std::unique_ptr<Source> rest)
      : prefix_(std::move(prefix)), rest_(std::move(rest)) {}

  absl::StatusOr<size_t> Read(char* buffer, size_t size) override {
    if (at_ == prefix_.size()) return rest_->Read(buffer, size);
    const size_t count = std::min(size, prefix_.size() - at_);
    memcpy(buffer, prefix_.data() + at_, count);
    at_ += count;
    return count;
  }

 private:
  const std::string prefix_;
  size_t at_ = 0;
  const std::unique_ptr<Source> rest_;
};

}  // namespace

Compression DetectCompression(absl::string_view head) {
  if (absl::StartsWith(head, "\x1f\x8b")) return Compression::kGzip;
  if (absl::StartsWith(head, "\x28\xb5\x2f\xfd")) return Compression::kZstd;
  if (absl::StartsWith(head, absl::string_view("\xfd"
                                               "7zXZ\0",
                                               6))) {
    return Compression::kXz;
  }
  if (absl::StartsWith(head, "BZh")) return Compression::kBzip2;
  return Compression::kNone;
}

absl::string_view CompressionName(Compression compression) {
  switch (compression) {
    case Compression::kNone:
      return "none";
    case Compression::kGzip:
      return "gzip";
    case Compression::kZstd:
      return "zstd";
    case Compression::kXz:
      return "xz";
    case Compression::kBzip2:
      return "bzip2";
  }
  return "unknown";
}

absl::StatusOr<std::unique_ptr<Source>> OpenDecompressed(
    std::unique_ptr<Source> source, Compression* found) {
  std::string head(kMagicSize, '\0');
  size_t size = 0;
  while (size < head.size()) {
    ASSIGN_OR_RETURN(const size_t count,
                     source->Read(head.data() + size, head.size() - size));
    if (count == 0) break;
    size += count;
  }
  head.resize(size);
  const Compression compression = DetectCompression(head);
  if (found != nullptr) *found = compression;
  auto whole =
      std::make_unique<PrefixedSource>(std::move(head), std::move(source));
  switch (compression) {
    case Compression::kGzip:
      return NewGzipSource(std::move(whole));
    case Compression::kZstd:
      return NewZstdSource(std::move(whole));
    case Compression::kXz:
    case Compression::kBzip2:
      return NewLibraryFilterSource(std::move(whole));
    case Compression::kNone:
      break;
  }
  return std::unique_ptr<Source>(std::move(whole));
}

}  // namespace tug::archive
