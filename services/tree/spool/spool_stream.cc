// SPDX-License-Identifier: Apache-2.0
#include "services/tree/spool/spool_stream.h"

#include <algorithm>
#include <limits>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/tree/apply/entry_path.h"

namespace tug::tree {
namespace {

using archive::EntryType;
using archive::TarEntry;
using archive::TarReader;

constexpr char kFile = 'F';
constexpr char kLink = 'L';
constexpr char kEnd = 'E';

// Whether a name of this size still fits.
bool Charge(size_t size, ByteBudget& names) {
  return names.TryTake(size + kSpoolNameCost);
}

void PutNumber(uint64_t number, std::string& out) {
  for (int shift = 0; shift < 64; shift += 8) {
    out.push_back(static_cast<char>(number >> shift & 0xff));
  }
}

class SpoolWriter {
 public:
  SpoolWriter(TarReader& reader, archive::Sink& sink)
      : reader_(reader), sink_(sink) {}

  absl::Status Add(const TarEntry& entry);

 private:
  absl::Status Begin(char kind, uint64_t number, const std::string& path);
  absl::Status AddFile(const std::string& path, const TarEntry& entry);
  absl::Status AddLink(const std::string& path, const TarEntry& entry);

  TarReader& reader_;
  archive::Sink& sink_;
  ByteBudget names_{kSpoolNames};
};

absl::Status SpoolWriter::Begin(char kind, uint64_t number,
                                const std::string& path) {
  if (!Charge(path.size(), names_)) {
    return absl::InvalidArgumentError("too many files, or too long names");
  }
  std::string frame(1, kind);
  PutNumber(number, frame);
  PutNumber(path.size(), frame);
  return sink_.Write(frame + path);
}

absl::Status SpoolWriter::AddFile(const std::string& path,
                                  const TarEntry& entry) {
  RETURN_IF_ERROR(Begin(kFile, static_cast<uint64_t>(entry.size), path));
  int64_t written = 0;
  while (true) {
    ASSIGN_OR_RETURN(const TarReader::Piece piece, reader_.ReadPiece());
    if (piece.bytes.empty()) break;
    if (piece.offset != written) break;
    RETURN_IF_ERROR(sink_.Write(piece.bytes));
    written += static_cast<int64_t>(piece.bytes.size());
  }
  if (written == entry.size) return absl::OkStatus();
  return absl::InvalidArgumentError("a sparse file");
}

absl::Status SpoolWriter::AddLink(const std::string& path,
                                  const TarEntry& entry) {
  const std::string base = entry.type == EntryType::kHardLink
                               ? ""
                               : SplitEntryPath(path).parent + "/";
  ASSIGN_OR_RETURN(const std::string target,
                   CleanEntryPath(base + entry.link_target));
  if (!Charge(target.size(), names_)) {
    return absl::InvalidArgumentError("too many files, or too long names");
  }
  RETURN_IF_ERROR(Begin(kLink, target.size(), path));
  return sink_.Write(target);
}

absl::Status SpoolWriter::Add(const TarEntry& entry) {
  const bool is_link =
      entry.type == EntryType::kSymlink || entry.type == EntryType::kHardLink;
  // No table of contents can name anything else.
  if (entry.type != EntryType::kFile && !is_link) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string path, CleanEntryPath(entry.path));
  return is_link ? AddLink(path, entry) : AddFile(path, entry);
}

absl::Status Malformed() {
  return absl::InvalidArgumentError("malformed stream of tug-tree");
}

}  // namespace

absl::Status WriteSpool(TarReader& reader, archive::Sink& sink) {
  SpoolWriter writer(reader, sink);
  while (true) {
    ASSIGN_OR_RETURN(const std::optional<TarEntry> entry, reader.Next());
    if (!entry) break;
    const absl::Status status = writer.Add(*entry);
    if (!status.ok()) {
      return Annotate(status, absl::CHexEscape(entry->path.substr(0, 200)));
    }
  }
  RETURN_IF_ERROR(reader.Drain());
  return sink.Write(absl::string_view(&kEnd, 1));
}

absl::Status SpoolReader::ReadExact(char* buffer, size_t size) {
  while (size > 0) {
    ASSIGN_OR_RETURN(const size_t count, source_.Read(buffer, size));
    if (count == 0) return Malformed();
    buffer += count;
    size -= count;
  }
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> SpoolReader::ReadNumber() {
  unsigned char bytes[8];
  RETURN_IF_ERROR(ReadExact(reinterpret_cast<char*>(bytes), sizeof(bytes)));
  uint64_t number = 0;
  for (int i = 7; i >= 0; --i) number = number << 8 | bytes[i];
  return number;
}

absl::StatusOr<std::string> SpoolReader::ReadName() {
  ASSIGN_OR_RETURN(const uint64_t size, ReadNumber());
  if (size > archive::kMaxPathSize || !Charge(size, names_)) {
    return Malformed();
  }
  std::string name(size, '\0');
  RETURN_IF_ERROR(ReadExact(name.data(), name.size()));
  return name;
}

absl::Status SpoolReader::SkipContent() {
  char buffer[16 << 10];
  while (left_ > 0) {
    ASSIGN_OR_RETURN(const size_t count, Read(buffer, sizeof(buffer)));
    if (count == 0) return Malformed();
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<SpoolReader::Entry>> SpoolReader::Next() {
  RETURN_IF_ERROR(SkipContent());
  char kind = 0;
  RETURN_IF_ERROR(ReadExact(&kind, 1));
  if (kind == kEnd) {
    // What the process has to say comes with the source's end.
    ASSIGN_OR_RETURN(const size_t more, source_.Read(&kind, 1));
    if (more != 0) return Malformed();
    return std::nullopt;
  }
  if (kind != kFile && kind != kLink) return Malformed();
  Entry entry;
  entry.is_link = kind == kLink;
  ASSIGN_OR_RETURN(const uint64_t number, ReadNumber());
  ASSIGN_OR_RETURN(entry.path, ReadName());
  if (entry.is_link) {
    if (number > archive::kMaxPathSize || !Charge(number, names_)) {
      return Malformed();
    }
    entry.link_target.resize(number);
    RETURN_IF_ERROR(ReadExact(entry.link_target.data(), number));
    return entry;
  }
  if (number > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))
    return Malformed();
  entry.size = left_ = static_cast<int64_t>(number);
  return entry;
}

absl::StatusOr<size_t> SpoolReader::Read(char* buffer, size_t size) {
  if (left_ == 0) return 0;
  const size_t wanted =
      static_cast<size_t>(std::min<int64_t>(left_, static_cast<int64_t>(size)));
  ASSIGN_OR_RETURN(const size_t count, source_.Read(buffer, wanted));
  if (count == 0) return Malformed();
  left_ -= static_cast<int64_t>(count);
  return count;
}

}  // namespace tug::tree
