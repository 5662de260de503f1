// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/transfer/spool_archive.h"

#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/archive/tar_reader.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/oci/json.h"
#include "services/imaged/unpack/entry_path.h"

namespace tug::imaged {
namespace {

using archive::EntryType;
using archive::TarEntry;
using archive::TarReader;

constexpr absl::string_view kBlobPrefix = "blobs/sha256/";
// Links to links, in archives of old engines.
constexpr int kMaxLinkHops = 10;

bool IsTable(const std::string& path) {
  return path == "index.json" || path == "manifest.json" ||
         path == "oci-layout" || path == "repositories";
}

class Spooler {
 public:
  Spooler(BlobStore& blobs, TarReader& reader, const Cancelled& cancelled)
      : blobs_(blobs), reader_(reader), cancelled_(cancelled) {}

  absl::Status Run();
  SpooledArchive archive;

 private:
  absl::Status Add(const TarEntry& entry);
  absl::Status Store(const std::string& path);
  absl::Status AddLink(const std::string& path, const TarEntry& entry);
  absl::Status ResolveLinks();

  BlobStore& blobs_;
  TarReader& reader_;
  const Cancelled& cancelled_;
  std::map<std::string, std::string> links_;
};

absl::Status Spooler::Run() {
  while (true) {
    ASSIGN_OR_RETURN(const std::optional<TarEntry> entry, reader_.Next());
    if (!entry) break;
    if (archive.files.size() + links_.size() > kMaxArchiveFiles) {
      return absl::InvalidArgumentError(
          absl::StrCat("more than ", kMaxArchiveFiles, " files"));
    }
    const absl::Status status = Add(*entry);
    if (!status.ok()) {
      return Annotate(status, absl::CHexEscape(entry->path.substr(0, 200)));
    }
  }
  RETURN_IF_ERROR(reader_.Drain());
  return ResolveLinks();
}

absl::Status Spooler::Add(const TarEntry& entry) {
  if (entry.type == EntryType::kDirectory) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string path, CleanEntryPath(entry.path));
  if (entry.type == EntryType::kSymlink || entry.type == EntryType::kHardLink) {
    return AddLink(path, entry);
  }
  // Nothing in a table can name a device.
  if (entry.type != EntryType::kFile) return absl::OkStatus();
  if (IsTable(path)) {
    absl::StatusOr<std::string> table =
        reader_.ReadContent(oci::kMaxDocumentSize);
    if (absl::IsResourceExhausted(table.status())) {
      return absl::InvalidArgumentError(table.status().message());
    }
    ASSIGN_OR_RETURN(archive.tables[path], std::move(table));
    return absl::OkStatus();
  }
  return Store(path);
}

absl::Status Spooler::AddLink(const std::string& path, const TarEntry& entry) {
  const std::string base = entry.type == EntryType::kHardLink
                               ? ""
                               : SplitEntryPath(path).parent + "/";
  ASSIGN_OR_RETURN(links_[path], CleanEntryPath(base + entry.link_target));
  return absl::OkStatus();
}

absl::Status Spooler::Store(const std::string& path) {
  std::optional<oci::Digest> expected;
  if (absl::StartsWith(path, kBlobPrefix)) {
    ASSIGN_OR_RETURN(expected,
                     oci::Digest::FromHex(path.substr(kBlobPrefix.size())));
    const absl::StatusOr<int64_t> size = blobs_.Size(*expected);
    if (size.ok()) {
      archive.files[path] = {*expected, *size};
      return absl::OkStatus();
    }
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<BlobWriter> writer, blobs_.Write(""));
  while (true) {
    if (cancelled_()) return absl::CancelledError("the caller has left");
    ASSIGN_OR_RETURN(const TarReader::Piece piece, reader_.ReadPiece());
    if (piece.bytes.empty()) break;
    if (piece.offset != writer->size()) {
      return absl::InvalidArgumentError("a sparse file");
    }
    RETURN_IF_ERROR(writer->Write(piece.bytes));
  }
  const int64_t size = writer->size();
  const absl::StatusOr<oci::Digest> digest =
      writer->Commit(expected ? &*expected : nullptr);
  if (absl::IsDataLoss(digest.status())) {
    return absl::InvalidArgumentError(digest.status().message());
  }
  RETURN_IF_ERROR(digest.status());
  archive.files[path] = {*digest, size};
  return absl::OkStatus();
}

absl::Status Spooler::ResolveLinks() {
  for (const auto& [path, first] : links_) {
    std::string target = first;
    for (int hop = 0; hop < kMaxLinkHops && links_.count(target) > 0; ++hop) {
      target = links_[target];
    }
    const auto file = archive.files.find(target);
    // A dangling link matters only if something needs it.
    if (file != archive.files.end()) archive.files[path] = file->second;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ArchiveInvalid(const absl::Status& status) {
  // Anything else, such as a full disk, is no fault of the archive.
  if (!absl::IsInvalidArgument(status) && !absl::IsDataLoss(status)) {
    return status;
  }
  return WithReason(
      Annotate(absl::InvalidArgumentError(status.message()), "archive"),
      "ARCHIVE_INVALID");
}

absl::StatusOr<SpooledArchive> SpoolArchive(BlobStore& blobs,
                                            archive::Source& source,
                                            const Cancelled& cancelled) {
  TarReader reader(source);
  Spooler spooler(blobs, reader, cancelled);
  RETURN_IF_ERROR(ArchiveInvalid(spooler.Run()));
  return std::move(spooler.archive);
}

}  // namespace tug::imaged
