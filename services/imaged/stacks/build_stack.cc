// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/stacks/build_stack.h"

#include <fcntl.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "services/imaged/files/directory.h"
#include "services/imaged/layers/ensure_layers.h"
#include "services/imaged/layers/ingest_layer.h"
#include "services/imaged/stacks/base_hints.h"

namespace tug::imaged {
namespace {

// The directories of `layers` (base first), uppermost first.
absl::StatusOr<std::vector<UniqueFd>> OpenLayers(
    const LayerCatalog& catalog, const std::vector<oci::Digest>& layers) {
  std::vector<UniqueFd> roots;
  for (auto id = layers.rbegin(); id != layers.rend(); ++id) {
    ASSIGN_OR_RETURN(const v1::LayerRecord record, catalog.Find(*id));
    ASSIGN_OR_RETURN(UniqueFd root, OpenBeneath(catalog.directory(),
                                                absl::StrCat(record.number()),
                                                O_RDONLY | O_DIRECTORY));
    roots.push_back(std::move(root));
    if (record.root_opaque()) break;
  }
  return roots;
}

absl::Status UnpackVariant(const StackParts& parts, const oci::Digest& blob,
                           const oci::Digest& diff_id, const std::string& hints,
                           const std::function<bool()>& cancelled) {
  ASSIGN_OR_RETURN(const UniqueFd fd, parts.blobs.Open(blob));
  archive::FdSource source(fd.get());
  LayerInput input;
  input.source = &source;
  input.blob = blob;
  input.diff_id = diff_id;
  input.hints = hints;
  input.cancelled = cancelled;
  return IngestLayer(parts.layers, parts.unpacker, input).status();
}

// The identity under which layer `i` goes on top of `below`.
absl::StatusOr<oci::Digest> FitLayer(const StackParts& parts,
                                     const oci::Digest& blob,
                                     const oci::Digest& diff_id,
                                     const std::vector<oci::Digest>& below,
                                     PinSet::Scope& pins,
                                     const std::function<bool()>& cancelled) {
  ASSIGN_OR_RETURN(const v1::LayerRecord record, parts.layers.Find(diff_id));
  if (below.empty() || !record.has_implicit()) return diff_id;
  ASSIGN_OR_RETURN(const std::vector<std::string> implicit,
                   parts.layers.Implicit(diff_id));
  ASSIGN_OR_RETURN(const std::vector<UniqueFd> roots,
                   OpenLayers(parts.layers, below));
  ASSIGN_OR_RETURN(const tree::BaseHints hints,
                   FindBaseHints(roots, implicit, cancelled));
  if (hints.empty()) return diff_id;
  ASSIGN_OR_RETURN(const std::string text, tree::SerializeHints(hints));
  const oci::Digest variant = VariantId(diff_id, text);
  pins.Add(variant);
  if (parts.layers.Find(variant).ok()) return variant;
  RETURN_IF_ERROR(UnpackVariant(parts, blob, diff_id, text, cancelled));
  return variant;
}

}  // namespace

absl::Status BuildStack(const StackParts& parts,
                        const oci::Digest& manifest_digest,
                        const oci::Manifest& manifest,
                        const oci::ImageConfig& config,
                        const std::function<bool()>& cancelled) {
  RETURN_IF_ERROR(EnsureLayers(parts.layers, parts.blobs, parts.unpacker,
                               manifest, config, cancelled));
  PinSet::Scope pins(parts.pins);
  std::vector<oci::Digest> layers;
  for (size_t i = 0; i < config.diff_ids.size(); ++i) {
    ASSIGN_OR_RETURN(oci::Digest layer,
                     FitLayer(parts, manifest.layers[i].digest,
                              config.diff_ids[i], layers, pins, cancelled));
    layers.push_back(std::move(layer));
  }
  return parts.stacks.Put(manifest_digest, config, layers);
}

}  // namespace tug::imaged
