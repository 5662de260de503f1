// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/transfer/import_image.h"

#include "lib/archive/gzip.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/oci/reference.h"
#include "services/imaged/images/convert.h"
#include "services/imaged/layers/ensure_layers.h"
#include "services/imaged/transfer/plain_stream.h"
#include "services/imaged/transfer/spool_archive.h"

namespace tug::imaged {
namespace {

struct StoredLayer {
  oci::Digest diff_id;
  oci::Descriptor blob;
};

// Compresses the plain tar into a blob.
absl::StatusOr<StoredLayer> StoreLayer(BlobStore& blobs,
                                       archive::Source& source) {
  ASSIGN_OR_RETURN(const std::unique_ptr<BlobWriter> writer, blobs.Write(""));
  archive::GzipSink gzip(*writer);
  oci::Sha256 hash;
  std::string buffer(256 << 10, '\0');
  while (true) {
    ASSIGN_OR_RETURN(const size_t count,
                     source.Read(buffer.data(), buffer.size()));
    if (count == 0) break;
    const absl::string_view bytes(buffer.data(), count);
    hash.Update(bytes);
    RETURN_IF_ERROR(gzip.Write(bytes));
  }
  RETURN_IF_ERROR(gzip.Finish());
  StoredLayer layer;
  layer.diff_id = hash.Finish();
  layer.blob.media_type = oci::kMediaTypeOciLayerGzip;
  layer.blob.size = writer->size();
  ASSIGN_OR_RETURN(layer.blob.digest, writer->Commit(nullptr));
  return layer;
}

oci::ImageConfig MakeConfig(const image::v1::ImportImageRequest& request,
                            const oci::Digest& diff_id, absl::Time now) {
  oci::ImageConfig config;
  config.created = now;
  config.platform = FromProto(request.platform()).value_or(oci::HostPlatform());
  config.config = FromProto(request.config());
  config.diff_ids = {diff_id};
  oci::HistoryEntry step;
  step.created = now;
  step.comment = request.message();
  config.history = {step};
  return config;
}

absl::StatusOr<oci::Descriptor> Store(
    const TransferParts& parts, int connection,
    const image::v1::ImportImageRequest& request, const Cancelled& cancelled) {
  // Before the archive is read, which may take long.
  RETURN_IF_ERROR(oci::CheckImageConfigSize(
      MakeConfig(request, oci::Digest::Of(""), parts.clock.Now())));
  ASSIGN_OR_RETURN(
      const std::unique_ptr<PlainStream> source,
      PlainStream::Open(parts.unpacker.program, connection, cancelled));
  absl::StatusOr<StoredLayer> layer = StoreLayer(parts.blobs, *source);
  if (!layer.ok()) return ArchiveInvalid(layer.status());
  const oci::ImageConfig config =
      MakeConfig(request, layer->diff_id, parts.clock.Now());
  const std::string config_text = oci::SerializeImageConfig(config);
  oci::Manifest manifest;
  manifest.media_type = oci::kMediaTypeOciManifest;
  ASSIGN_OR_RETURN(manifest.config.digest, PutBlob(parts.blobs, config_text));
  manifest.config.media_type = oci::kMediaTypeOciConfig;
  manifest.config.size = static_cast<int64_t>(config_text.size());
  manifest.layers = {layer->blob};
  RETURN_IF_ERROR(ArchiveInvalid(EnsureLayers(
      parts.layers, parts.blobs, parts.unpacker, manifest, config, cancelled)));
  const std::string text = oci::SerializeManifest(manifest);
  oci::Descriptor target;
  target.media_type = manifest.media_type;
  target.size = static_cast<int64_t>(text.size());
  ASSIGN_OR_RETURN(target.digest, PutBlob(parts.blobs, text));
  return target;
}

absl::StatusOr<oci::Descriptor> Import(
    const TransferParts& parts, int connection,
    const image::v1::ImportImageRequest& request, const std::string& name,
    const Cancelled& cancelled) {
  PinSet::Scope pins(parts.pins);
  pins.AddEverything();
  ASSIGN_OR_RETURN(const oci::Descriptor target,
                   Store(parts, connection, request, cancelled));
  RETURN_IF_ERROR(
      parts.catalog.Put({name, target, parts.clock.Now()}).status());
  return target;
}

}  // namespace

absl::StatusOr<std::string> ImportImage(
    const TransferParts& parts, int connection,
    const image::v1::ImportImageRequest& request, const Cancelled& cancelled) {
  std::string name, familiar;
  if (!request.reference().empty()) {
    ASSIGN_OR_RETURN(const oci::Reference reference,
                     oci::ParseReferenceWithDefaultTag(request.reference()));
    if (!reference.digest.empty()) {
      return WithReason(
          absl::InvalidArgumentError("an import cannot be named by a digest"),
          "REFERENCE_INVALID");
    }
    name = reference.ToString();
    familiar = reference.Familiar();
  }
  const absl::StatusOr<oci::Descriptor> target =
      Import(parts, connection, request, name, cancelled);
  if (!target.ok()) {
    LogIfError(parts.collect().status(), "collect after a failed import");
    return target.status();
  }
  const std::string id = target->digest.ToString();
  const auto labels = LabelsOf(parts.documents, *target);
  if (!name.empty()) parts.events.Publish("tag", id, familiar, labels);
  parts.events.Publish("import", id, id, labels);
  return id;
}

}  // namespace tug::imaged
