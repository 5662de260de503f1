// SPDX-License-Identifier: Apache-2.0
#include "lib/archive/tar_reader.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/archive/tar_fields.h"
#include "lib/base/status_macros.h"

namespace tug::archive {
namespace {

constexpr size_t kBlock = 512;
constexpr size_t kBufferSize = 1 << 20;
constexpr absl::string_view kXattrPrefix = "SCHILY.xattr.";

absl::Status Malformed(absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("malformed tar: ", why));
}

absl::string_view Field(absl::string_view header, const TarField& field) {
  return header.substr(field.offset, field.size);
}

// Up to the first NUL.
std::string Text(absl::string_view field) {
  return std::string(field.substr(0, field.find('\0')));
}

absl::StatusOr<int64_t> Decimal(absl::string_view text,
                                absl::string_view what) {
  int64_t value = 0;
  if (!absl::SimpleAtoi(text, &value) || value < 0) {
    return Malformed(absl::StrCat(what, " is not a number"));
  }
  return value;
}

absl::StatusOr<uint32_t> Id(int64_t value) {
  // The last value means "no change" to chown(2).
  if (value < 0 || value >= std::numeric_limits<uint32_t>::max()) {
    return Malformed(absl::StrCat("user or group id ", value));
  }
  return static_cast<uint32_t>(value);
}

bool ChecksumFits(absl::string_view header) {
  absl::StatusOr<int64_t> stored = ParseTarNumber(Field(header, kTarChecksum));
  if (!stored.ok()) return false;
  int64_t plain = 0;
  int64_t with_signs = 0;
  for (size_t i = 0; i < kBlock; ++i) {
    const bool inside = i >= kTarChecksum.offset &&
                        i < kTarChecksum.offset + kTarChecksum.size;
    const char c = inside ? ' ' : header[i];
    plain += static_cast<unsigned char>(c);
    with_signs += static_cast<signed char>(c);
  }
  return *stored == plain || *stored == with_signs;
}

// "12.5", "-3": seconds with an optional fraction.
absl::Status ParsePaxTime(absl::string_view text, TarEntry& entry) {
  const size_t dot = text.find('.');
  int64_t seconds = 0;
  if (!absl::SimpleAtoi(text.substr(0, dot), &seconds)) {
    return Malformed("mtime is not a number");
  }
  int32_t nanoseconds = 0;
  if (dot != absl::string_view::npos) {
    std::string digits(text.substr(dot + 1, 9));
    digits.resize(9, '0');
    if (!std::all_of(digits.begin(), digits.end(), absl::ascii_isdigit) ||
        !absl::SimpleAtoi(digits, &nanoseconds)) {
      return Malformed("mtime has a malformed fraction");
    }
    if (absl::StartsWith(text, "-") && nanoseconds > 0) {
      --seconds;
      nanoseconds = 1000000000 - nanoseconds;
    }
  }
  entry.mtime_seconds = seconds;
  entry.mtime_nanoseconds = nanoseconds;
  return absl::OkStatus();
}

absl::StatusOr<EntryType> TypeOf(char flag, absl::string_view path) {
  switch (flag) {
    case '\0':  // Before POSIX a slash told directories.
      return absl::EndsWith(path, "/") ? EntryType::kDirectory
                                       : EntryType::kFile;
    case '0':
    case '7':
    case 'S': return EntryType::kFile;
    case '1': return EntryType::kHardLink;
    case '2': return EntryType::kSymlink;
    case '3': return EntryType::kCharDevice;
    case '4': return EntryType::kBlockDevice;
    case '5': return EntryType::kDirectory;
    case '6': return EntryType::kFifo;
    default:
      return Malformed(absl::StrCat(
          "unknown entry type '",
          absl::CHexEscape(absl::string_view(&flag, 1)), "' of ",
          absl::CHexEscape(path.substr(0, 200))));
  }
}

absl::Status CheckName(const std::string& name, absl::string_view what) {
  if (name.find('\0') != std::string::npos) {
    return Malformed(absl::StrCat(what, " holds a zero byte"));
  }
  if (name.size() > kMaxPathSize) {
    return Malformed(absl::StrCat(what, " of ", name.size(),
                                  " bytes, at most ", kMaxPathSize));
  }
  return absl::OkStatus();
}

}  // namespace

TarReader::TarReader(Source& source)
    : source_(source), buffer_(kBufferSize, '\0') {}

// Makes up to `size` (<= buffer) bytes available at begin_; answers how many.
absl::StatusOr<size_t> TarReader::Fill(size_t size) {
  if (end_ - begin_ >= size || source_ended_) {
    return std::min(size, end_ - begin_);
  }
  if (begin_ > 0) {
    memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  while (end_ < size) {
    ASSIGN_OR_RETURN(
        const size_t count,
        source_.Read(buffer_.data() + end_, buffer_.size() - end_));
    if (count == 0) {
      source_ended_ = true;
      break;
    }
    end_ += count;
  }
  return std::min(size, end_ - begin_);
}

// A header block; absent at the end of the archive.
absl::StatusOr<std::optional<std::string>> TarReader::NextBlock() {
  ASSIGN_OR_RETURN(const size_t size, Fill(kBlock));
  // Archives that lack the two zero blocks are common, and complete.
  if (size == 0) return std::nullopt;
  if (size < kBlock) return Malformed("ends inside a header");
  std::string block(buffer_.data() + begin_, kBlock);
  begin_ += kBlock;
  const bool zero = block.find_first_not_of('\0') == std::string::npos;
  if (zero) return std::nullopt;
  if (!ChecksumFits(block)) return Malformed("wrong header checksum");
  return block;
}

absl::StatusOr<std::string> TarReader::ReadExact(int64_t size, size_t limit) {
  if (size < 0 || static_cast<uint64_t>(size) > limit) {
    return Malformed(absl::StrCat("extended header of ", size,
                                  " bytes, at most ", limit));
  }
  const size_t wanted = static_cast<size_t>(size);
  ASSIGN_OR_RETURN(const size_t available, Fill(wanted));
  if (available < wanted) return Malformed("ends inside an extended header");
  std::string bytes(buffer_.data() + begin_, wanted);
  begin_ += wanted;
  const int64_t padding = (kBlock - wanted % kBlock) % kBlock;
  RETURN_IF_ERROR(Skip(padding));
  return bytes;
}

absl::Status TarReader::Skip(int64_t size) {
  while (size > 0) {
    const size_t step =
        static_cast<size_t>(std::min<int64_t>(size, kBufferSize));
    // One byte is enough to go on with; take whatever has come.
    ASSIGN_OR_RETURN(const size_t one, Fill(1));
    if (one == 0) return Malformed("ends inside an entry");
    const size_t count = std::min(step, end_ - begin_);
    begin_ += count;
    size -= static_cast<int64_t>(count);
  }
  return absl::OkStatus();
}

absl::Status TarReader::SkipContent() {
  RETURN_IF_ERROR(Skip(stored_left_));
  RETURN_IF_ERROR(Skip(padding_));
  stored_left_ = padding_ = 0;
  return absl::OkStatus();
}

absl::StatusOr<std::optional<TarEntry>> TarReader::Next() {
  if (archive_ended_) return std::nullopt;
  RETURN_IF_ERROR(SkipContent());
  Overrides overrides;
  while (true) {
    ASSIGN_OR_RETURN(const std::optional<std::string> header, NextBlock());
    if (!header.has_value()) {
      archive_ended_ = true;
      return std::nullopt;
    }
    const char flag = (*header)[kTarType.offset];
    if (flag != 'x' && flag != 'g' && flag != 'L' && flag != 'K') {
      ASSIGN_OR_RETURN(TarEntry entry, Decode(*header, overrides));
      return entry;
    }
    ASSIGN_OR_RETURN(const int64_t size,
                     ParseTarNumber(Field(*header, kTarSize)));
    ASSIGN_OR_RETURN(std::string bytes, ReadExact(size, kMaxExtendedHeader));
    if (flag == 'x') RETURN_IF_ERROR(ParsePax(bytes, overrides));
    if (flag == 'L') overrides.long_name = Text(bytes);
    if (flag == 'K') overrides.long_link = Text(bytes);
    // Global headers ('g') hold comments of git-archive and the like.
  }
}

absl::Status TarReader::ParsePax(absl::string_view records,
                                 Overrides& overrides) {
  while (!records.empty()) {
    const size_t space = records.find(' ');
    size_t size = 0;
    if (space == absl::string_view::npos ||
        !absl::SimpleAtoi(records.substr(0, space), &size) ||
        size <= space + 1 || size > records.size() ||
        records[size - 1] != '\n') {
      return Malformed("extended header record");
    }
    const absl::string_view record =
        records.substr(space + 1, size - space - 2);
    records.remove_prefix(size);
    const size_t equals = record.find('=');
    if (equals == absl::string_view::npos || equals == 0) {
      return Malformed("extended header record without key");
    }
    const absl::string_view key = record.substr(0, equals);
    const absl::string_view value = record.substr(equals + 1);
    // GNU sparse 0.0 repeats its keys; all others count once, the last one.
    if (key == "GNU.sparse.offset") {
      ASSIGN_OR_RETURN(const int64_t offset, Decimal(value, key));
      overrides.sparse_pairs.push_back({offset, 0});
    } else if (key == "GNU.sparse.numbytes") {
      ASSIGN_OR_RETURN(const int64_t length, Decimal(value, key));
      if (overrides.sparse_pairs.empty()) return Malformed("sparse map");
      overrides.sparse_pairs.back().length = length;
    } else {
      overrides.pax[std::string(key)] = std::string(value);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<TarEntry> TarReader::Decode(absl::string_view header,
                                           Overrides& overrides) {
  TarEntry entry;
  entry.path = Text(Field(header, kTarName));
  entry.link_target = Text(Field(header, kTarLinkName));
  if (IsPosixTar(header)) {
    const std::string prefix = Text(Field(header, kTarPrefix));
    if (!prefix.empty()) entry.path = absl::StrCat(prefix, "/", entry.path);
  }
  if (overrides.long_name) entry.path = *std::move(overrides.long_name);
  if (overrides.long_link) entry.link_target = *std::move(overrides.long_link);
  ASSIGN_OR_RETURN(const int64_t mode, ParseTarNumber(Field(header, kTarMode)));
  entry.mode = static_cast<uint32_t>(mode) & 07777;
  ASSIGN_OR_RETURN(const int64_t uid, ParseTarNumber(Field(header, kTarUid)));
  ASSIGN_OR_RETURN(const int64_t gid, ParseTarNumber(Field(header, kTarGid)));
  if (overrides.pax.count("uid") == 0) {
    ASSIGN_OR_RETURN(entry.uid, Id(uid));
  }
  if (overrides.pax.count("gid") == 0) {
    ASSIGN_OR_RETURN(entry.gid, Id(gid));
  }
  ASSIGN_OR_RETURN(entry.size, ParseTarNumber(Field(header, kTarSize)));
  ASSIGN_OR_RETURN(entry.mtime_seconds,
                   ParseTarNumber(Field(header, kTarMtime)));
  RETURN_IF_ERROR(ApplyPax(overrides, entry));
  RETURN_IF_ERROR(CheckName(entry.path, "path"));
  RETURN_IF_ERROR(CheckName(entry.link_target, "link target"));
  ASSIGN_OR_RETURN(entry.type, TypeOf(header[kTarType.offset], entry.path));
  if (entry.type == EntryType::kCharDevice ||
      entry.type == EntryType::kBlockDevice) {
    ASSIGN_OR_RETURN(const int64_t major_number,
                     ParseTarNumber(Field(header, kTarMajor)));
    ASSIGN_OR_RETURN(const int64_t minor_number,
                     ParseTarNumber(Field(header, kTarMinor)));
    entry.device_major = static_cast<uint32_t>(major_number);
    entry.device_minor = static_cast<uint32_t>(minor_number);
  }
  RETURN_IF_ERROR(SetUpContent(header, overrides, entry));
  return entry;
}

absl::Status TarReader::ApplyPax(const Overrides& overrides, TarEntry& entry) {
  for (const auto& [key, value] : overrides.pax) {
    if (key == "path") {
      entry.path = value;
    } else if (key == "linkpath") {
      entry.link_target = value;
    } else if (key == "size") {
      ASSIGN_OR_RETURN(entry.size, Decimal(value, key));
    } else if (key == "uid") {
      ASSIGN_OR_RETURN(const int64_t id, Decimal(value, key));
      ASSIGN_OR_RETURN(entry.uid, Id(id));
    } else if (key == "gid") {
      ASSIGN_OR_RETURN(const int64_t id, Decimal(value, key));
      ASSIGN_OR_RETURN(entry.gid, Id(id));
    } else if (key == "mtime") {
      RETURN_IF_ERROR(ParsePaxTime(value, entry));
    } else if (key == "GNU.sparse.name") {
      entry.path = value;
    } else if (absl::StartsWith(key, kXattrPrefix)) {
      entry.xattrs[key.substr(kXattrPrefix.size())] = value;
    }
  }
  return absl::OkStatus();
}

absl::Status TarReader::SetUpContent(absl::string_view header,
                                     const Overrides& overrides,
                                     TarEntry& entry) {
  // Only files have content, whatever the size field of others says.
  if (entry.type != EntryType::kFile) entry.size = 0;
  if (entry.size < 0) return Malformed("negative size");
  stored_left_ = entry.size;
  padding_ = (kBlock - entry.size % kBlock) % kBlock;
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
  ASSIGN_OR_RETURN(entry.size, Decimal(real_size->second, real_size->first));
  const auto major_version = pax.find("GNU.sparse.major");
  const auto map = pax.find("GNU.sparse.map");
  if (major_version != pax.end() && major_version->second == "1") {
    RETURN_IF_ERROR(ReadSparseMap());
  } else if (map != pax.end()) {
    const std::vector<absl::string_view> numbers =
        absl::StrSplit(map->second, ',');
    for (size_t i = 0; i + 1 < numbers.size(); i += 2) {
      ASSIGN_OR_RETURN(const int64_t offset, Decimal(numbers[i], "map"));
      ASSIGN_OR_RETURN(const int64_t length, Decimal(numbers[i + 1], "map"));
      extents_.push_back({offset, length});
    }
  } else {
    extents_ = overrides.sparse_pairs;
  }
  return CheckExtents(entry.size);
}

// GNU's old format: four pieces in the header, more in blocks behind it.
absl::Status TarReader::ReadOldSparse(absl::string_view header,
                                      TarEntry& entry) {
  std::string block(header);
  size_t at = kTarOldSparse.offset;
  size_t count = 4;
  bool extended = block[kTarOldSparseMore.offset] != 0;
  ASSIGN_OR_RETURN(entry.size, ParseTarNumber(Field(header, kTarOldRealSize)));
  while (true) {
    for (size_t i = 0; i < count; ++i, at += 24) {
      if (block[at] == '\0') break;
      const absl::string_view pair(block);
      ASSIGN_OR_RETURN(const int64_t offset,
                       ParseTarNumber(pair.substr(at, 12)));
      ASSIGN_OR_RETURN(const int64_t length,
                       ParseTarNumber(pair.substr(at + 12, 12)));
      extents_.push_back({offset, length});
    }
    if (!extended) break;
    if (extents_.size() > kMaxExtents) return Malformed("too many extents");
    ASSIGN_OR_RETURN(const size_t size, Fill(kBlock));
    if (size < kBlock) return Malformed("ends inside a sparse map");
    block.assign(buffer_.data() + begin_, kBlock);
    begin_ += kBlock;
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
    if (stored_left_ < static_cast<int64_t>(kBlock)) {
      return Malformed("sparse map is cut off");
    }
    ASSIGN_OR_RETURN(const size_t size, Fill(kBlock));
    if (size < kBlock) return Malformed("ends inside a sparse map");
    const absl::string_view block(buffer_.data() + begin_, kBlock);
    for (char c : block) {
      if (static_cast<int64_t>(numbers.size()) >= expected) break;
      if (c != '\n') {
        line.push_back(c);
        if (line.size() > 20) return Malformed("sparse map");
        continue;
      }
      ASSIGN_OR_RETURN(const int64_t number, Decimal(line, "sparse map"));
      line.clear();
      numbers.push_back(number);
      if (numbers.size() > 1) continue;
      if (number > static_cast<int64_t>(kMaxExtents)) {
        return Malformed("too many extents");
      }
      expected = 1 + 2 * number;
    }
    begin_ += kBlock;
    stored_left_ -= kBlock;
  }
  for (size_t i = 1; i + 1 < numbers.size(); i += 2) {
    extents_.push_back({numbers[i], numbers[i + 1]});
  }
  return absl::OkStatus();
}

absl::Status TarReader::CheckExtents(int64_t real_size) const {
  int64_t position = 0;
  int64_t stored = 0;
  if (extents_.size() > kMaxExtents) return Malformed("too many extents");
  for (const Extent& extent : extents_) {
    if (extent.offset < position || extent.length < 0 ||
        extent.length > real_size || extent.offset > real_size ||
        extent.offset + extent.length > real_size) {
      return Malformed("sparse map out of order or bounds");
    }
    position = extent.offset + extent.length;
    stored += extent.length;
  }
  if (stored != stored_left_) {
    return Malformed("sparse map does not fit the stored size");
  }
  return absl::OkStatus();
}

absl::StatusOr<TarReader::Piece> TarReader::ReadPiece() {
  while (extent_ < extents_.size() &&
         extent_done_ == extents_[extent_].length) {
    ++extent_;
    extent_done_ = 0;
  }
  if (extent_ == extents_.size() || stored_left_ == 0) return Piece();
  ASSIGN_OR_RETURN(const size_t one, Fill(1));
  if (one == 0) return Malformed("ends inside a file");
  const Extent& extent = extents_[extent_];
  const int64_t count =
      std::min({static_cast<int64_t>(end_ - begin_), stored_left_,
                extent.length - extent_done_});
  Piece piece;
  piece.offset = extent.offset + extent_done_;
  piece.bytes = absl::string_view(buffer_.data() + begin_,
                                  static_cast<size_t>(count));
  begin_ += static_cast<size_t>(count);
  stored_left_ -= count;
  extent_done_ += count;
  return piece;
}

absl::StatusOr<std::string> TarReader::ReadContent(size_t limit) {
  std::string content;
  while (true) {
    ASSIGN_OR_RETURN(const Piece piece, ReadPiece());
    if (piece.bytes.empty()) return content;
    if (content.size() + piece.bytes.size() > limit) {
      return absl::ResourceExhaustedError(
          absl::StrCat("a file of more than ", limit, " bytes"));
    }
    content.append(piece.bytes.data(), piece.bytes.size());
  }
}

absl::Status TarReader::Drain() {
  while (true) {
    begin_ = end_ = 0;
    ASSIGN_OR_RETURN(const size_t count,
                     source_.Read(buffer_.data(), buffer_.size()));
    if (count == 0) return absl::OkStatus();
  }
}

}  // namespace tug::archive
