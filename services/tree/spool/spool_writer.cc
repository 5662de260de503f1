// SPDX-License-Identifier: Apache-2.0
#include "services/tree/spool/spool_writer.h"

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"
#include "lib/base/byte_budget.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/tree/apply/entry_path.h"
#include "services/tree/spool/spool_format.h"

namespace tug::tree {
namespace {

using archive::EntryType;
using archive::TarEntry;
using archive::TarReader;

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
  if (!TakeSpoolName(path.size(), names_)) {
    return absl::InvalidArgumentError("too many files, or too long names");
  }
  std::string frame(1, kind);
  PutNumber(number, frame);
  PutNumber(path.size(), frame);
  return sink_.Write(frame + path);
}

absl::Status SpoolWriter::AddFile(const std::string& path,
                                  const TarEntry& entry) {
  RETURN_IF_ERROR(Begin(kSpoolFile, static_cast<uint64_t>(entry.size), path));
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
  if (!TakeSpoolName(target.size(), names_)) {
    return absl::InvalidArgumentError("too many files, or too long names");
  }
  RETURN_IF_ERROR(Begin(kSpoolLink, target.size(), path));
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
  return sink.Write(absl::string_view(&kSpoolEnd, 1));
}

}  // namespace tug::tree
