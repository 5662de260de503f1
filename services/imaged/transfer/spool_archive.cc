// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/transfer/spool_archive.h"

#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/oci/json.h"
#include "services/tree/spool/spool_reader.h"

namespace tug::imaged {
namespace {

using tree::SpoolReader;

constexpr absl::string_view kBlobPrefix = "blobs/sha256/";
// Links to links, in archives of old engines.
constexpr int kMaxLinkHops = 10;
constexpr size_t kChunkSize = 256 << 10;

bool IsTable(const std::string& path) {
  return path == "index.json" || path == "manifest.json" ||
         path == "oci-layout" || path == "repositories";
}

class Spooler {
 public:
  Spooler(BlobStore& blobs, SpoolReader& reader, const Cancelled& cancelled)
      : blobs_(blobs), reader_(reader), cancelled_(cancelled) {}

  absl::Status Run();
  SpooledArchive archive;

 private:
  absl::Status Add(const SpoolReader::Entry& entry);
  absl::Status ReadTable(const SpoolReader::Entry& entry);
  absl::Status Store(const std::string& path);
  absl::StatusOr<std::unique_ptr<BlobWriter>> WriteBlob();
  absl::Status ResolveLinks();

  BlobStore& blobs_;
  SpoolReader& reader_;
  const Cancelled& cancelled_;
  std::map<std::string, std::string> links_;
};

absl::Status Spooler::Run() {
  while (true) {
    ASSIGN_OR_RETURN(const std::optional<SpoolReader::Entry> entry,
                     reader_.Next());
    if (!entry) break;
    const absl::Status status = Add(*entry);
    if (!status.ok()) {
      return Annotate(status, absl::CHexEscape(entry->path.substr(0, 200)));
    }
  }
  return ResolveLinks();
}

absl::Status Spooler::Add(const SpoolReader::Entry& entry) {
  if (entry.is_link) {
    links_[entry.path] = entry.link_target;
    return absl::OkStatus();
  }
  return IsTable(entry.path) ? ReadTable(entry) : Store(entry.path);
}

absl::Status Spooler::ReadTable(const SpoolReader::Entry& entry) {
  if (entry.size > static_cast<int64_t>(oci::kMaxDocumentSize)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a table of ", entry.size, " bytes, at most ", oci::kMaxDocumentSize));
  }
  std::string text(static_cast<size_t>(entry.size), '\0');
  for (size_t at = 0; at < text.size();) {
    ASSIGN_OR_RETURN(const size_t count,
                     reader_.Read(text.data() + at, text.size() - at));
    at += count;
  }
  archive.tables[entry.path] = std::move(text);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<BlobWriter>> Spooler::WriteBlob() {
  ASSIGN_OR_RETURN(std::unique_ptr<BlobWriter> writer, blobs_.Write(""));
  std::string buffer(kChunkSize, '\0');
  while (true) {
    if (cancelled_()) return absl::CancelledError("the caller has left");
    ASSIGN_OR_RETURN(const size_t count,
                     reader_.Read(buffer.data(), buffer.size()));
    if (count == 0) return writer;
    RETURN_IF_ERROR(writer->Write(absl::string_view(buffer.data(), count)));
  }
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
  ASSIGN_OR_RETURN(const std::unique_ptr<BlobWriter> writer, WriteBlob());
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
                                            archive::Source& frames,
                                            const Cancelled& cancelled) {
  SpoolReader reader(frames);
  Spooler spooler(blobs, reader, cancelled);
  RETURN_IF_ERROR(ArchiveInvalid(spooler.Run()));
  return std::move(spooler.archive);
}

}  // namespace tug::imaged
