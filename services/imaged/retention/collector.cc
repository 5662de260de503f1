// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/retention/collector.h"

#include "absl/cleanup/cleanup.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"

namespace tug::imaged {

absl::Status Collector::MarkManifest(const oci::Manifest& manifest,
                                     Marks& marks) {
  marks.insert(manifest.config.digest);
  for (const oci::Descriptor& layer : manifest.layers) {
    marks.insert(layer.digest);
  }
  const auto config = documents_.Config(manifest.config.digest);
  // Not fetched, or of another kind than an image's (an attestation).
  if (absl::IsNotFound(config.status()) ||
      absl::IsInvalidArgument(config.status())) {
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(config.status());
  for (const oci::Digest& diff_id : (*config)->config.diff_ids) {
    marks.insert(diff_id);
  }
  return absl::OkStatus();
}

absl::Status Collector::MarkTarget(const oci::Descriptor& target,
                                   Marks& marks) {
  marks.insert(target.digest);
  const auto document = documents_.Document(target);
  if (absl::IsNotFound(document.status())) return absl::OkStatus();
  RETURN_IF_ERROR(document.status());
  if (const auto* manifest = std::get_if<oci::Manifest>(document->get())) {
    return MarkManifest(*manifest, marks);
  }
  for (const oci::Descriptor& child :
       std::get<oci::Index>(**document).manifests) {
    marks.insert(child.digest);
    const auto below = documents_.Document(child);
    if (absl::IsNotFound(below.status())) continue;
    RETURN_IF_ERROR(below.status());
    if (const auto* manifest = std::get_if<oci::Manifest>(below->get())) {
      RETURN_IF_ERROR(MarkManifest(*manifest, marks));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Collector::Marks> Collector::Mark() {
  Marks marks;
  // Held by name: a range-for would let go of the snapshot at once.
  const std::shared_ptr<const NameMap> names = images_.Names();
  for (const auto& [name, image] : *names) {
    const absl::Status status = MarkTarget(image.target, marks);
    if (!status.ok()) return Annotate(status, "collect garbage");
  }
  for (const LeaseUsage::Use& use : leases_.Uses()) {
    marks.insert(use.image);
    oci::Descriptor manifest;
    manifest.digest = use.manifest;
    const absl::Status status = MarkTarget(manifest, marks);
    if (!status.ok()) return Annotate(status, "collect garbage");
  }
  return marks;
}

// Stacks of images that stay mark their variants; the others go.
absl::Status Collector::SweepStacks(Marks& marks) {
  for (const auto& [manifest, layers] : stacks_.All()) {
    if (marks.count(manifest) > 0) {
      marks.insert(layers.begin(), layers.end());
    } else if (pins_.Doom(manifest)) {
      const absl::Status status = stacks_.Remove(manifest);
      pins_.Spare(manifest);
      RETURN_IF_ERROR(status);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> Collector::Sweep(const Marks& marks) {
  int64_t freed = 0;
  for (const BlobStore::Info& blob : blobs_.List()) {
    if (marks.count(blob.digest) > 0 || !pins_.Doom(blob.digest)) continue;
    const absl::Status status = blobs_.Delete(blob.digest);
    documents_.Forget(blob.digest);
    pins_.Spare(blob.digest);
    RETURN_IF_ERROR(status);
    freed += blob.size;
  }
  for (const v1::LayerRecord& layer : layers_.List()) {
    ASSIGN_OR_RETURN(const oci::Digest diff_id,
                     oci::Digest::FromHex(layer.diff_id()));
    if (marks.count(diff_id) > 0 || !pins_.Doom(diff_id)) continue;
    const absl::Status status = layers_.Remove(diff_id);
    pins_.Spare(diff_id);
    RETURN_IF_ERROR(status);
    freed += layer.bytes();
  }
  return freed;
}

absl::StatusOr<int64_t> Collector::Collect() {
  pins_.BeginCollection();
  const absl::Cleanup end = [this] { pins_.EndCollection(); };
  ASSIGN_OR_RETURN(Marks marks, Mark());
  RETURN_IF_ERROR(SweepStacks(marks));
  return Sweep(marks);
}

}  // namespace tug::imaged
