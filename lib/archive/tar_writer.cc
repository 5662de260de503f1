// SPDX-License-Identifier: Apache-2.0
#include "lib/archive/tar_writer.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lib/archive/tar_fields.h"
#include "lib/base/status_macros.h"

namespace tug::archive {
namespace {

constexpr size_t kBlock = 512;
constexpr int64_t kMaxOctal7 = 07777777;       // uid, gid, device numbers
constexpr int64_t kMaxOctal11 = 077777777777;  // size, mtime

char TypeFlag(EntryType type) {
  switch (type) {
    case EntryType::kFile:
      return '0';
    case EntryType::kHardLink:
      return '1';
    case EntryType::kSymlink:
      return '2';
    case EntryType::kCharDevice:
      return '3';
    case EntryType::kBlockDevice:
      return '4';
    case EntryType::kDirectory:
      return '5';
    case EntryType::kFifo:
      return '6';
  }
  return '0';
}

void PutText(std::string& header, const TarField& field,
             absl::string_view text) {
  text = text.substr(0, field.size);
  memcpy(header.data() + field.offset, text.data(), text.size());
}

// Zero when the number does not fit; then pax says it.
void PutOctal(std::string& header, const TarField& field, int64_t value,
              int64_t limit) {
  if (value < 0 || value > limit) value = 0;
  const std::string text =
      absl::StrFormat("%0*o", static_cast<int>(field.size) - 1, value);
  PutText(header, field, text);
}

std::string Header(const TarEntry& entry) {
  std::string header(kBlock, '\0');
  PutText(header, kTarName, entry.path);
  PutText(header, kTarLinkName, entry.link_target);
  PutOctal(header, kTarMode, entry.mode, kMaxOctal7);
  PutOctal(header, kTarUid, entry.uid, kMaxOctal7);
  PutOctal(header, kTarGid, entry.gid, kMaxOctal7);
  PutOctal(header, kTarSize, entry.size, kMaxOctal11);
  PutOctal(header, kTarMtime, entry.mtime_seconds, kMaxOctal11);
  PutOctal(header, kTarMajor, entry.device_major, kMaxOctal7);
  PutOctal(header, kTarMinor, entry.device_minor, kMaxOctal7);
  header[kTarType.offset] = TypeFlag(entry.type);
  PutText(header, kTarMagic,
          absl::string_view("ustar\0"
                            "00",
                            8));
  memset(header.data() + kTarChecksum.offset, ' ', kTarChecksum.size);
  int sum = 0;
  for (char c : header) sum += static_cast<unsigned char>(c);
  PutText(header, kTarChecksum, absl::StrFormat("%06o", sum));
  header[kTarChecksum.offset + 6] = '\0';
  return header;
}

// "LENGTH key=value\n", where LENGTH counts itself.
void AppendRecord(std::string& records, absl::string_view key,
                  absl::string_view value) {
  const size_t rest = key.size() + value.size() + 3;
  size_t size = rest + absl::StrCat(rest).size();
  size = rest + absl::StrCat(size).size();
  absl::StrAppend(&records, size, " ", key, "=", value, "\n");
}

bool IsAscii(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), absl::ascii_isascii);
}

std::string PaxRecords(const TarEntry& entry) {
  std::string records;
  if (entry.path.size() > kTarName.size || !IsAscii(entry.path)) {
    AppendRecord(records, "path", entry.path);
  }
  if (entry.link_target.size() > kTarLinkName.size ||
      !IsAscii(entry.link_target)) {
    AppendRecord(records, "linkpath", entry.link_target);
  }
  if (entry.uid > kMaxOctal7) {
    AppendRecord(records, "uid", absl::StrCat(entry.uid));
  }
  if (entry.gid > kMaxOctal7) {
    AppendRecord(records, "gid", absl::StrCat(entry.gid));
  }
  if (entry.size > kMaxOctal11) {
    AppendRecord(records, "size", absl::StrCat(entry.size));
  }
  if (entry.mtime_nanoseconds != 0 && entry.mtime_seconds >= 0) {
    AppendRecord(records, "mtime",
                 absl::StrFormat("%d.%09d", entry.mtime_seconds,
                                 entry.mtime_nanoseconds));
  } else if (entry.mtime_seconds < 0 || entry.mtime_seconds > kMaxOctal11) {
    AppendRecord(records, "mtime", absl::StrCat(entry.mtime_seconds));
  }
  for (const auto& [name, value] : entry.xattrs) {
    AppendRecord(records, absl::StrCat("SCHILY.xattr.", name), value);
  }
  return records;
}

}  // namespace

absl::Status TarWriter::WritePax(const TarEntry& entry, std::string records) {
  records += PaxRecords(entry);
  if (records.empty()) return absl::OkStatus();
  TarEntry pax;
  const size_t slash = entry.path.find_last_of('/', entry.path.size() - 2);
  const size_t start = slash == std::string::npos ? 0 : slash + 1;
  pax.path = absl::StrCat("PaxHeaders.0/", entry.path.substr(start, 80));
  pax.mode = 0644;
  pax.size = static_cast<int64_t>(records.size());
  std::string header = Header(pax);
  header[kTarType.offset] = 'x';
  // The type is part of the checksum.
  memset(header.data() + kTarChecksum.offset, ' ', kTarChecksum.size);
  int sum = 0;
  for (char c : header) sum += static_cast<unsigned char>(c);
  PutText(header, kTarChecksum, absl::StrFormat("%06o", sum));
  header[kTarChecksum.offset + 6] = '\0';
  header.append(records);
  header.resize((header.size() + kBlock - 1) / kBlock * kBlock, '\0');
  return sink_.Write(header);
}

absl::Status TarWriter::Begin(const TarEntry& entry) {
  RETURN_IF_ERROR(EndEntry());
  RETURN_IF_ERROR(WritePax(entry, ""));
  RETURN_IF_ERROR(sink_.Write(Header(entry)));
  if (entry.type != EntryType::kFile) return absl::OkStatus();
  left_ = entry.size;
  padding_ = (kBlock - entry.size % kBlock) % kBlock;
  return absl::OkStatus();
}

absl::Status TarWriter::BeginSparse(const TarEntry& entry,
                                    const std::vector<TarExtent>& extents) {
  RETURN_IF_ERROR(EndEntry());
  // The map: a count, then offset and length of each piece, a number a line.
  std::string map = absl::StrCat(extents.size(), "\n");
  int64_t content = 0;
  for (const TarExtent& extent : extents) {
    absl::StrAppend(&map, extent.offset, "\n", extent.length, "\n");
    content += extent.length;
  }
  map.resize((map.size() + kBlock - 1) / kBlock * kBlock, '\0');
  std::string records;
  AppendRecord(records, "GNU.sparse.major", "1");
  AppendRecord(records, "GNU.sparse.minor", "0");
  AppendRecord(records, "GNU.sparse.name", entry.path);
  AppendRecord(records, "GNU.sparse.realsize", absl::StrCat(entry.size));
  TarEntry stored = entry;
  stored.type = EntryType::kFile;
  // Readers that know nothing of holes unpack the map under this name.
  stored.path = absl::StrCat("GNUSparseFile.0/", entry.path);
  stored.size = static_cast<int64_t>(map.size()) + content;
  RETURN_IF_ERROR(WritePax(stored, std::move(records)));
  RETURN_IF_ERROR(sink_.Write(Header(stored)));
  left_ = content;
  padding_ = (kBlock - content % kBlock) % kBlock;
  return sink_.Write(map);
}

absl::Status TarWriter::Write(absl::string_view bytes) {
  if (static_cast<int64_t>(bytes.size()) > left_) {
    return absl::InternalError("more content than announced");
  }
  left_ -= static_cast<int64_t>(bytes.size());
  return sink_.Write(bytes);
}

absl::Status TarWriter::WriteFile(TarEntry entry, absl::string_view content) {
  entry.type = EntryType::kFile;
  entry.size = static_cast<int64_t>(content.size());
  RETURN_IF_ERROR(Begin(entry));
  return Write(content);
}

absl::Status TarWriter::EndEntry() {
  if (left_ != 0) return absl::InternalError("less content than announced");
  if (padding_ == 0) return absl::OkStatus();
  const std::string zeros(static_cast<size_t>(padding_), '\0');
  padding_ = 0;
  return sink_.Write(zeros);
}

absl::Status TarWriter::Finish() {
  RETURN_IF_ERROR(EndEntry());
  return sink_.Write(std::string(2 * kBlock, '\0'));
}

}  // namespace tug::archive
