// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/transfer/load_images.h"

#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/oci/reference.h"
#include "services/imaged/images/convert.h"
#include "services/imaged/images/select_manifest.h"
#include "services/imaged/transfer/archive_index.h"
#include "services/imaged/transfer/plain_stream.h"
#include "services/imaged/transfer/spool_archive.h"

namespace tug::imaged {
namespace {

using image::v1::LayerProgress;

void TellLayers(const PlatformImage& image, LayerProgress::State state,
                const OnLayer& on_layer) {
  for (const oci::Descriptor& blob : image.manifest().layers) {
    LayerProgress progress;
    progress.set_digest(blob.digest.ToString());
    progress.set_state(state);
    progress.set_total(blob.size);
    if (state == LayerProgress::COMPLETE) progress.set_current(blob.size);
    on_layer(progress);
  }
}

absl::Status Unpack(const TransferParts& parts, const ArchivedImage& archived,
                    const std::optional<oci::Platform>& platform,
                    const OnLayer& on_layer, const Cancelled& cancelled) {
  ASSIGN_OR_RETURN(const PlatformImage image,
                   SelectManifest(parts.documents, archived.target, platform));
  RETURN_IF_ERROR(oci::CheckImageConfigSize(image.config->config));
  RETURN_IF_ERROR(CheckSize(parts.blobs, image.descriptor));
  RETURN_IF_ERROR(CheckSize(parts.blobs, image.manifest().config));
  for (const oci::Descriptor& layer : image.manifest().layers) {
    const absl::Status fits = CheckSize(parts.blobs, layer);
    // Of a layer that is unpacked already, the blob may be missing.
    if (!absl::IsNotFound(fits)) RETURN_IF_ERROR(fits);
  }
  TellLayers(image, LayerProgress::EXTRACTING, on_layer);
  const absl::Status status =
      BuildStack(parts.stacks, image.descriptor.digest, image.manifest(),
                 image.config->config, cancelled);
  if (absl::IsNotFound(status)) {
    return absl::InvalidArgumentError(
        absl::StrCat("a layer is not there: ", status.message()));
  }
  RETURN_IF_ERROR(status);
  TellLayers(image, LayerProgress::COMPLETE, on_layer);
  return absl::OkStatus();
}

absl::Status Name(const TransferParts& parts, const ArchivedImage& archived,
                  const OnLoaded& on_loaded) {
  std::vector<std::string> names = archived.names;
  if (names.empty()) names.push_back("");
  const std::string id = archived.target.digest.ToString();
  for (const std::string& name : names) {
    RETURN_IF_ERROR(
        parts.catalog.Put({name, archived.target, parts.clock.Now()}).status());
    parts.events.Publish("load", id, id,
                         LabelsOf(parts.documents, archived.target));
    image::v1::LoadedImage loaded;
    loaded.set_reference(name);
    loaded.set_id(id);
    on_loaded(loaded);
  }
  return absl::OkStatus();
}

absl::Status Load(const TransferParts& parts, int connection,
                  const image::v1::LoadImagesRequest& request,
                  const OnLayer& on_layer, const OnLoaded& on_loaded,
                  const Cancelled& cancelled) {
  ASSIGN_OR_RETURN(
      const std::unique_ptr<PlainStream> source,
      PlainStream::OpenSpool(parts.unpacker.program, connection, cancelled));
  ASSIGN_OR_RETURN(const SpooledArchive archive,
                   SpoolArchive(parts.blobs, *source, cancelled));
  ASSIGN_OR_RETURN(const std::vector<ArchivedImage> images,
                   ReadArchiveIndex(parts.blobs, archive));
  for (const ArchivedImage& image : images) {
    RETURN_IF_ERROR(ArchiveInvalid(Unpack(
        parts, image, FromProto(request.platform()), on_layer, cancelled)));
  }
  for (const ArchivedImage& image : images) {
    RETURN_IF_ERROR(Name(parts, image, on_loaded));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status LoadImages(const TransferParts& parts, int connection,
                        const image::v1::LoadImagesRequest& request,
                        const OnLayer& on_layer, const OnLoaded& on_loaded,
                        const Cancelled& cancelled) {
  absl::Status status;
  {
    PinSet::Scope pins(parts.pins);
    pins.AddEverything();
    status = Load(parts, connection, request, on_layer, on_loaded, cancelled);
  }
  // Archives hold files that no image needs; failed ones leave all of theirs.
  LogIfError(parts.collect().status(), "collect after load");
  return status;
}

}  // namespace tug::imaged
