// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/layers/ingest_layer.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/imaged/files/directory.h"
#include "services/tree/apply/space_guard.h"
#include "services/tree/process/tree_process.h"

namespace tug::imaged {
namespace {

constexpr size_t kChunkSize = 256 << 10;

absl::Status Cancelled() { return absl::CancelledError("the caller has left"); }

// Moves `source` to the unpacker and, when there is one, to the writer. After
// the unpacker has failed the rest still goes to the writer, because a wrong
// blob digest is the better explanation.
absl::Status Pump(archive::Source& source, BlobWriter* writer,
                  tree::TreeProcess& unpacker, bool& unpacker_lives,
                  int64_t& total, const LayerInput& input) {
  std::string buffer(kChunkSize, '\0');
  while (true) {
    if (input.cancelled && input.cancelled()) return Cancelled();
    ASSIGN_OR_RETURN(const size_t count,
                     source.Read(buffer.data(), buffer.size()));
    if (count == 0) return absl::OkStatus();
    const absl::string_view bytes(buffer.data(), count);
    if (writer != nullptr) RETURN_IF_ERROR(writer->Write(bytes));
    if (unpacker_lives) unpacker_lives = unpacker.Write(bytes).ok();
    total += static_cast<int64_t>(count);
    if (input.on_progress) input.on_progress(total);
    if (!unpacker_lives && writer == nullptr) return absl::OkStatus();
  }
}

absl::Status LayerInvalid(const absl::Status& status) {
  if (!absl::IsInvalidArgument(status)) return status;
  return WithReason(Annotate(status, "layer invalid"), "LAYER_INVALID");
}

// The attribute needs CAP_SYS_ADMIN, which the unpacker does not have. The
// kernel resolves the path with the layer as root.
absl::Status MarkOpaque(int layer, const std::string& path) {
  const UniqueFd fd(OpenResolved(layer, path.c_str(), O_RDONLY | O_DIRECTORY,
                                 RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS));
  // Replaced by something else further down the archive.
  if (fd.get() == -ENOENT || fd.get() == -ENOTDIR) return absl::OkStatus();
  if (fd.get() < 0) {
    return ErrnoStatus(fd.get(), absl::StrCat("open opaque directory ",
                                              absl::CHexEscape(path)));
  }
  if (fsetxattr(fd.get(), "trusted.overlay.opaque", "y", 1, 0) != 0) {
    return ErrnoStatus(
        errno, absl::StrCat("mark opaque directory ", absl::CHexEscape(path)));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::LayerRecord> MakeRecord(int layer,
                                           const tree::TreeReport& unpacked) {
  v1::LayerRecord record;
  record.set_diff_id(unpacked.diff_id.hex());
  record.set_bytes(unpacked.bytes);
  record.set_has_root(unpacked.has_root);
  for (const std::string& path : unpacked.opaque) {
    if (path.empty()) {
      record.set_root_opaque(true);
    } else {
      RETURN_IF_ERROR(MarkOpaque(layer, path));
    }
  }
  struct stat info;
  if (fstat(layer, &info) != 0) return ErrnoStatus(errno, "stat layer");
  record.set_root_mode(info.st_mode & 07777);
  record.set_root_uid(info.st_uid);
  record.set_root_gid(info.st_gid);
  return record;
}

absl::Status CheckDiffId(const oci::Digest& expected,
                         const oci::Digest& found) {
  if (expected.empty() || expected == found) return absl::OkStatus();
  return WithReason(
      absl::DataLossError(absl::StrCat(
          "layer: the image's config says that its plain content is ",
          expected.ToString(), ", but it is ", found.ToString())),
      "DIGEST_MISMATCH");
}

absl::Status FeedAll(tree::TreeProcess& unpacker, const LayerInput& input,
                     bool& unpacker_lives, int64_t& total) {
  if (input.writer != nullptr && input.writer->size() > 0) {
    ASSIGN_OR_RETURN(const UniqueFd written, input.writer->OpenWritten());
    archive::FdSource source(written.get());
    RETURN_IF_ERROR(
        Pump(source, nullptr, unpacker, unpacker_lives, total, input));
    total = input.writer->size();
  }
  return Pump(*input.source, input.writer, unpacker, unpacker_lives, total,
              input);
}

absl::StatusOr<IngestedLayer> Ingest(const LayerCatalog::Slot& slot,
                                     const Unpacker& how,
                                     const LayerInput& input) {
  const int directory = slot.directory.get();
  ASSIGN_OR_RETURN(const int64_t least_free,
                   tree::LeastFree(directory, how.max_space_percent));
  ASSIGN_OR_RETURN(
      const std::unique_ptr<tree::TreeProcess> unpacker,
      tree::TreeProcess::StartLayer(how.program, directory, least_free,
                                    input.hints, input.cancelled));
  IngestedLayer layer;
  bool unpacker_lives = true;
  RETURN_IF_ERROR(FeedAll(*unpacker, input, unpacker_lives, layer.blob_size));
  if (input.cancelled && input.cancelled()) return Cancelled();
  absl::StatusOr<tree::TreeReport> unpacked = unpacker->Finish();
  absl::Status status = LayerInvalid(unpacked.status());
  const absl::Status space =
      tree::ExplainSpace(status, how.max_space_percent, "max-unpack-percent");
  if (space != status) status = Annotate(space, "layer");
  if (status.ok()) status = CheckDiffId(input.diff_id, unpacked->diff_id);
  layer.blob = input.blob;
  if (input.writer != nullptr) {
    // The blob's digest is checked in any case: see Pump.
    ASSIGN_OR_RETURN(
        layer.blob,
        input.writer->Commit(input.blob.empty() ? nullptr : &input.blob));
  }
  RETURN_IF_ERROR(status);
  ASSIGN_OR_RETURN(layer.record, MakeRecord(slot.directory.get(), *unpacked));
  layer.implicit = std::move(unpacked->implicit);
  if (!input.hints.empty()) {
    layer.record.set_diff_id(VariantId(input.diff_id, input.hints).hex());
  }
  return layer;
}

}  // namespace

oci::Digest VariantId(const oci::Digest& diff_id, absl::string_view hints) {
  return oci::Digest::Of(
      absl::StrCat("variant of ", diff_id.hex(), "\n", hints));
}

absl::StatusOr<IngestedLayer> IngestLayer(LayerCatalog& catalog,
                                          const Unpacker& unpacker,
                                          const LayerInput& input) {
  ASSIGN_OR_RETURN(const LayerCatalog::Slot slot, catalog.Allocate());
  absl::StatusOr<IngestedLayer> layer = Ingest(slot, unpacker, input);
  if (!layer.ok()) {
    catalog.Discard(slot);
    return layer;
  }
  ASSIGN_OR_RETURN(layer->record,
                   catalog.Publish(slot, layer->record, layer->implicit));
  return layer;
}

}  // namespace tug::imaged
