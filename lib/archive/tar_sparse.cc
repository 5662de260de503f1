// SPDX-License-Identifier: Apache-2.0
//
// The part of TarReader that finds out where a file's content belongs: GNU's
// four forms of sparse files.
#include "absl/strings/str_split.h"
#include "lib/archive/tar_fields.h"
#include "lib/archive/tar_reader.h"
#include "lib/base/status_macros.h"

namespace tug::archive {

absl::Status TarReader::SetUpContent(absl::string_view header,
                                     const Overrides& overrides,
                                     TarEntry& entry) {
  // Only files have content, whatever the size field of others says.
  if (entry.type != EntryType::kFile) entry.size = 0;
  if (entry.size < 0) return MalformedTar("negative size");
  stored_left_ = entry.size;
  padding_ = (kTarBlock - entry.size % kTarBlock) % kTarBlock;
  extents_.clear();
  extent_ = 0;
  extent_done_ = 0;
  if (entry.type != EntryType::kFile) return absl::OkStatus();

  const auto& pax = overrides.pax;
  if (header[kTarType.offset] == 'S') return ReadOldSparse(header, entry);
  const auto real_size = pax.count("GNU.sparse.realsize") > 0
                             ? pax.find("GNU.sparse.realsize")
                             : pax.find("GNU.sparse.size");
  if (real_size == pax.end()) {
    extents_.push_back({0, entry.size});
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(entry.size,
                   ParseTarDecimal(real_size->second, real_size->first));
  const auto major_version = pax.find("GNU.sparse.major");
  const auto map = pax.find("GNU.sparse.map");
  if (major_version != pax.end() && major_version->second == "1") {
    RETURN_IF_ERROR(ReadSparseMap());
  } else if (map != pax.end()) {
    const std::vector<absl::string_view> numbers =
        absl::StrSplit(map->second, ',');
    for (size_t i = 0; i + 1 < numbers.size(); i += 2) {
      ASSIGN_OR_RETURN(const int64_t offset,
                       ParseTarDecimal(numbers[i], "map"));
      ASSIGN_OR_RETURN(const int64_t length,
                       ParseTarDecimal(numbers[i + 1], "map"));
      RETURN_IF_ERROR(AddExtent(offset, length));
    }
  } else {
    extents_ = overrides.sparse_pairs;
  }
  return CheckExtents(entry.size);
}

absl::Status TarReader::AddExtent(int64_t offset, int64_t length) {
  if (extents_.size() == kMaxExtents) return MalformedTar("too many extents");
  extents_.push_back({offset, length});
  return absl::OkStatus();
}

// GNU's old format: four pieces in the header, more in blocks behind it.
absl::Status TarReader::ReadOldSparse(absl::string_view header,
                                      TarEntry& entry) {
  std::string block(header);
  size_t at = kTarOldSparse.offset;
  size_t count = 4;
  bool extended = block[kTarOldSparseMore.offset] != 0;
  ASSIGN_OR_RETURN(entry.size,
                   ParseTarNumber(TarFieldOf(header, kTarOldRealSize)));
  for (size_t blocks = 0;; ++blocks) {
    for (size_t i = 0; i < count; ++i, at += 24) {
      if (block[at] == '\0') break;
      const absl::string_view pair(block);
      ASSIGN_OR_RETURN(const int64_t offset,
                       ParseTarNumber(pair.substr(at, 12)));
      ASSIGN_OR_RETURN(const int64_t length,
                       ParseTarNumber(pair.substr(at + 12, 12)));
      RETURN_IF_ERROR(AddExtent(offset, length));
    }
    if (!extended) break;
    if (blocks > kMaxExtents / 21) return MalformedTar("too many extents");
    ASSIGN_OR_RETURN(const size_t size, Fill(kTarBlock));
    if (size < kTarBlock) return MalformedTar("ends inside a sparse map");
    block.assign(buffer_.data() + begin_, kTarBlock);
    begin_ += kTarBlock;
    at = 0;
    count = 21;
    extended = block[504] != 0;
  }
  return CheckExtents(entry.size);
}

// GNU sparse 1.0: the map stands as decimal lines before the content.
absl::Status TarReader::ReadSparseMap() {
  std::vector<int64_t> numbers;
  std::string line;
  int64_t expected = 1;
  while (static_cast<int64_t>(numbers.size()) < expected) {
    if (stored_left_ < static_cast<int64_t>(kTarBlock)) {
      return MalformedTar("sparse map is cut off");
    }
    ASSIGN_OR_RETURN(const size_t size, Fill(kTarBlock));
    if (size < kTarBlock) return MalformedTar("ends inside a sparse map");
    const absl::string_view block(buffer_.data() + begin_, kTarBlock);
    for (char c : block) {
      if (static_cast<int64_t>(numbers.size()) >= expected) break;
      if (c != '\n') {
        line.push_back(c);
        if (line.size() > 20) return MalformedTar("sparse map");
        continue;
      }
      ASSIGN_OR_RETURN(const int64_t number,
                       ParseTarDecimal(line, "sparse map"));
      line.clear();
      numbers.push_back(number);
      if (numbers.size() > 1) continue;
      if (number > static_cast<int64_t>(kMaxExtents)) {
        return MalformedTar("too many extents");
      }
      expected = 1 + 2 * number;
    }
    begin_ += kTarBlock;
    stored_left_ -= kTarBlock;
  }
  for (size_t i = 1; i + 1 < numbers.size(); i += 2) {
    RETURN_IF_ERROR(AddExtent(numbers[i], numbers[i + 1]));
  }
  return absl::OkStatus();
}

absl::Status TarReader::CheckExtents(int64_t real_size) const {
  int64_t position = 0;
  int64_t stored = 0;
  for (const Extent& extent : extents_) {
    if (extent.offset < position || extent.length < 0 ||
        extent.length > real_size || extent.offset > real_size ||
        extent.offset + extent.length > real_size) {
      return MalformedTar("sparse map out of order or bounds");
    }
    position = extent.offset + extent.length;
    stored += extent.length;
  }
  if (stored != stored_left_) {
    return MalformedTar("sparse map does not fit the stored size");
  }
  return absl::OkStatus();
}

}  // namespace tug::archive
