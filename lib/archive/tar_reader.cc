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

constexpr size_t kBufferSize = 1 << 20;

// Up to the first NUL.
std::string Text(absl::string_view field) {
  return std::string(field.substr(0, field.find('\0')));
}

bool ChecksumFits(absl::string_view header) {
  absl::StatusOr<int64_t> stored =
      ParseTarNumber(TarFieldOf(header, kTarChecksum));
  if (!stored.ok()) return false;
  int64_t plain = 0;
  int64_t with_signs = 0;
  for (size_t i = 0; i < kTarBlock; ++i) {
    const bool inside =
        i >= kTarChecksum.offset && i < kTarChecksum.offset + kTarChecksum.size;
    const char c = inside ? ' ' : header[i];
    plain += static_cast<unsigned char>(c);
    with_signs += static_cast<signed char>(c);
  }
  return *stored == plain || *stored == with_signs;
}

absl::StatusOr<EntryType> TypeOf(char flag, absl::string_view path) {
  switch (flag) {
    case '\0':  // Before POSIX a slash told directories.
      return absl::EndsWith(path, "/") ? EntryType::kDirectory
                                       : EntryType::kFile;
    case '0':
    case '7':
    case 'S':
      return EntryType::kFile;
    case '1':
      return EntryType::kHardLink;
    case '2':
      return EntryType::kSymlink;
    case '3':
      return EntryType::kCharDevice;
    case '4':
      return EntryType::kBlockDevice;
    case '5':
      return EntryType::kDirectory;
    case '6':
      return EntryType::kFifo;
    default:
      return MalformedTar(absl::StrCat(
          "unknown entry type '", absl::CHexEscape(absl::string_view(&flag, 1)),
          "' of ", absl::CHexEscape(path.substr(0, 200))));
  }
}

absl::Status CheckName(const std::string& name, absl::string_view what) {
  if (name.find('\0') != std::string::npos) {
    return MalformedTar(absl::StrCat(what, " holds a zero byte"));
  }
  if (name.size() > kMaxPathSize) {
    return MalformedTar(absl::StrCat(what, " of ", name.size(),
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
    ASSIGN_OR_RETURN(const size_t count, source_.Read(buffer_.data() + end_,
                                                      buffer_.size() - end_));
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
  ASSIGN_OR_RETURN(const size_t size, Fill(kTarBlock));
  // Archives that lack the two zero blocks are common, and complete.
  if (size == 0) return std::nullopt;
  if (size < kTarBlock) return MalformedTar("ends inside a header");
  std::string block(buffer_.data() + begin_, kTarBlock);
  begin_ += kTarBlock;
  const bool zero = block.find_first_not_of('\0') == std::string::npos;
  if (zero) return std::nullopt;
  if (!ChecksumFits(block)) return MalformedTar("wrong header checksum");
  return block;
}

// The content of an extended header, as long as the entry's budget lasts.
absl::StatusOr<std::string> TarReader::ReadExtended(absl::string_view header,
                                                    Overrides& overrides) {
  ASSIGN_OR_RETURN(const int64_t size,
                   ParseTarNumber(TarFieldOf(header, kTarSize)));
  size_t& left = overrides.bytes_left;
  if (size < 0 || left < kTarBlock ||
      static_cast<uint64_t>(size) > left - kTarBlock) {
    return MalformedTar(absl::StrCat("extended headers of more than ",
                                     kMaxExtendedBytes, " bytes an entry"));
  }
  const size_t wanted = static_cast<size_t>(size);
  left -= kTarBlock + wanted;
  ASSIGN_OR_RETURN(const size_t available, Fill(wanted));
  if (available < wanted) return MalformedTar("ends inside an extended header");
  std::string bytes(buffer_.data() + begin_, wanted);
  begin_ += wanted;
  const int64_t padding = (kTarBlock - wanted % kTarBlock) % kTarBlock;
  RETURN_IF_ERROR(Skip(padding));
  return bytes;
}

absl::Status TarReader::Skip(int64_t size) {
  while (size > 0) {
    const size_t step =
        static_cast<size_t>(std::min<int64_t>(size, kBufferSize));
    // One byte is enough to go on with; take whatever has come.
    ASSIGN_OR_RETURN(const size_t one, Fill(1));
    if (one == 0) return MalformedTar("ends inside an entry");
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
    ASSIGN_OR_RETURN(const std::string bytes, ReadExtended(*header, overrides));
    if (flag == 'x') RETURN_IF_ERROR(ParsePax(bytes, overrides));
    if (flag == 'L') overrides.long_name = Text(bytes);
    if (flag == 'K') overrides.long_link = Text(bytes);
    // Global headers ('g') hold comments of git-archive and the like.
  }
}

absl::StatusOr<TarEntry> TarReader::Decode(absl::string_view header,
                                           Overrides& overrides) {
  TarEntry entry;
  entry.path = Text(TarFieldOf(header, kTarName));
  entry.link_target = Text(TarFieldOf(header, kTarLinkName));
  if (IsPosixTar(header)) {
    const std::string prefix = Text(TarFieldOf(header, kTarPrefix));
    if (!prefix.empty()) entry.path = absl::StrCat(prefix, "/", entry.path);
  }
  if (overrides.long_name) entry.path = *std::move(overrides.long_name);
  if (overrides.long_link) entry.link_target = *std::move(overrides.long_link);
  ASSIGN_OR_RETURN(const int64_t mode,
                   ParseTarNumber(TarFieldOf(header, kTarMode)));
  entry.mode = static_cast<uint32_t>(mode) & 07777;
  ASSIGN_OR_RETURN(const int64_t uid,
                   ParseTarNumber(TarFieldOf(header, kTarUid)));
  ASSIGN_OR_RETURN(const int64_t gid,
                   ParseTarNumber(TarFieldOf(header, kTarGid)));
  if (overrides.pax.count("uid") == 0) {
    ASSIGN_OR_RETURN(entry.uid, ParseTarId(uid));
  }
  if (overrides.pax.count("gid") == 0) {
    ASSIGN_OR_RETURN(entry.gid, ParseTarId(gid));
  }
  ASSIGN_OR_RETURN(entry.size, ParseTarNumber(TarFieldOf(header, kTarSize)));
  ASSIGN_OR_RETURN(entry.mtime_seconds,
                   ParseTarNumber(TarFieldOf(header, kTarMtime)));
  RETURN_IF_ERROR(ApplyPax(overrides, entry));
  RETURN_IF_ERROR(CheckName(entry.path, "path"));
  RETURN_IF_ERROR(CheckName(entry.link_target, "link target"));
  ASSIGN_OR_RETURN(entry.type, TypeOf(header[kTarType.offset], entry.path));
  if (entry.type == EntryType::kCharDevice ||
      entry.type == EntryType::kBlockDevice) {
    ASSIGN_OR_RETURN(const int64_t major_number,
                     ParseTarNumber(TarFieldOf(header, kTarMajor)));
    ASSIGN_OR_RETURN(const int64_t minor_number,
                     ParseTarNumber(TarFieldOf(header, kTarMinor)));
    entry.device_major = static_cast<uint32_t>(major_number);
    entry.device_minor = static_cast<uint32_t>(minor_number);
  }
  RETURN_IF_ERROR(SetUpContent(header, overrides, entry));
  return entry;
}

absl::StatusOr<TarReader::Piece> TarReader::ReadPiece() {
  while (extent_ < extents_.size() &&
         extent_done_ == extents_[extent_].length) {
    ++extent_;
    extent_done_ = 0;
  }
  if (extent_ == extents_.size() || stored_left_ == 0) return Piece();
  ASSIGN_OR_RETURN(const size_t one, Fill(1));
  if (one == 0) return MalformedTar("ends inside a file");
  const Extent& extent = extents_[extent_];
  const int64_t count = std::min({static_cast<int64_t>(end_ - begin_),
                                  stored_left_, extent.length - extent_done_});
  Piece piece;
  piece.offset = extent.offset + extent_done_;
  piece.bytes =
      absl::string_view(buffer_.data() + begin_, static_cast<size_t>(count));
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
