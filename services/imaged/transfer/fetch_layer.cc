// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/transfer/fetch_layer.h"

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/imaged/layers/ingest_layer.h"

namespace tug::imaged {
namespace {

using image::v1::LayerProgress;

absl::Status UnpackStored(const TransferParts& parts,
                          const FetchLayerRequest& request,
                          LayerFlight& flight) {
  ASSIGN_OR_RETURN(const UniqueFd fd, parts.blobs.Open(request.blob.digest));
  archive::FdSource source(fd.get());
  LayerInput input;
  input.source = &source;
  input.blob = request.blob.digest;
  input.diff_id = request.diff_id;
  input.cancelled = [&flight] { return flight.cancelled(); };
  input.on_progress = [&flight](int64_t current) {
    flight.Advance(LayerProgress::EXTRACTING, current);
  };
  return IngestLayer(parts.layers, parts.unpacker, input).status();
}

// The layer is unpacked, only its blob is missing.
absl::Status StoreOnly(archive::Source& source, BlobWriter& writer,
                       const FetchLayerRequest& request, LayerFlight& flight) {
  std::string buffer(256 << 10, '\0');
  while (true) {
    ASSIGN_OR_RETURN(const size_t count,
                     source.Read(buffer.data(), buffer.size()));
    if (count == 0) break;
    RETURN_IF_ERROR(writer.Write(absl::string_view(buffer.data(), count)));
    flight.Advance(LayerProgress::DOWNLOADING, writer.size());
  }
  return writer.Commit(&request.blob.digest).status();
}

absl::Status StoreAndUnpack(const TransferParts& parts, archive::Source& source,
                            BlobWriter& writer,
                            const FetchLayerRequest& request,
                            LayerFlight& flight) {
  LayerInput input;
  input.source = &source;
  input.writer = &writer;
  input.blob = request.blob.digest;
  input.diff_id = request.diff_id;
  input.cancelled = [&flight] { return flight.cancelled(); };
  input.on_progress = [&](int64_t current) {
    const bool all = current >= request.blob.size;
    flight.Advance(all ? LayerProgress::EXTRACTING : LayerProgress::DOWNLOADING,
                   current);
  };
  return IngestLayer(parts.layers, parts.unpacker, input).status();
}

// Stops a blob that is longer than its descriptor says, so that a registry
// cannot fill the disk.
class BoundedSource final : public archive::Source {
 public:
  BoundedSource(archive::Source& source, int64_t limit)
      : source_(source), left_(limit) {}
  absl::StatusOr<size_t> Read(char* buffer, size_t size) override {
    ASSIGN_OR_RETURN(const size_t count, source_.Read(buffer, size));
    left_ -= static_cast<int64_t>(count);
    if (left_ < 0) {
      return WithReason(
          absl::DataLossError("the blob is longer than its descriptor says"),
          "DIGEST_MISMATCH");
    }
    return count;
  }

 private:
  archive::Source& source_;
  int64_t left_;
};

}  // namespace

absl::Status FetchLayer(const TransferParts& parts, RegistryPeer& registry,
                        const FetchLayerRequest& request, LayerFlight& flight) {
  const oci::Digest& digest = request.blob.digest;
  PinSet::Scope pins(parts.pins);
  pins.Add(digest);
  pins.Add(request.diff_id);
  const bool unpacked = parts.layers.Find(request.diff_id).ok();
  if (parts.blobs.Size(digest).ok()) {
    if (unpacked) return absl::OkStatus();
    return UnpackStored(parts, request, flight);
  }
  ASSIGN_OR_RETURN(std::unique_ptr<BlobWriter> writer,
                   parts.blobs.Write(digest.hex()));
  // Leftovers that cannot be the beginning of this blob.
  if (writer->size() >= request.blob.size) {
    writer.reset();
    ASSIGN_OR_RETURN(writer, parts.blobs.Write(digest.hex()));
  }
  flight.Advance(LayerProgress::DOWNLOADING, writer->size());
  ASSIGN_OR_RETURN(const std::unique_ptr<archive::Source> source,
                   registry.ReadBlob(request.remote, digest, writer->size(),
                                     request.blob.size,
                                     [&flight] { return flight.cancelled(); }));
  BoundedSource bounded(*source, request.blob.size - writer->size());
  const absl::Status status =
      unpacked ? StoreOnly(bounded, *writer, request, flight)
               : StoreAndUnpack(parts, bounded, *writer, request, flight);
  if (absl::IsUnavailable(status)) writer->Keep();
  return status;
}

}  // namespace tug::imaged
