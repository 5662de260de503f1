// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/images/describe_image.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "lib/oci/reference.h"
#include "services/imaged/images/convert.h"
#include "services/imaged/images/select_manifest.h"

namespace tug::imaged {
namespace {

void AddNames(const FoundImage& found, image::v1::Image& image) {
  std::set<std::string> digests;
  absl::Time tagged = absl::InfinitePast();
  for (const NamedImage& named : found.names) {
    tagged = std::max(tagged, named.tagged);
    if (IsDanglingName(named.name)) continue;
    absl::StatusOr<oci::Reference> reference = oci::ParseReference(named.name);
    if (!reference.ok()) continue;
    if (reference->digest.empty()) image.add_references(named.name);
    digests.insert(absl::StrCat(reference->Repository(), "@",
                                found.target.digest.ToString()));
  }
  for (const std::string& digest : digests) image.add_digest_references(digest);
  if (tagged != absl::InfinitePast()) {
    *image.mutable_last_tagged() = ToProto(tagged);
  }
}

void AddConfig(const ConfigDocument& document, image::v1::Image& image) {
  const oci::ImageConfig& config = document.config;
  image.set_config_json(document.text);
  if (config.created) *image.mutable_created() = ToProto(*config.created);
  image.set_architecture(config.platform.architecture);
  image.set_os(config.platform.os);
  image.set_variant(config.platform.variant);
  image.set_author(config.author);
  *image.mutable_config() = ToProto(config.config);
  for (const oci::Digest& diff_id : config.diff_ids) {
    image.add_diff_ids(diff_id.ToString());
  }
  for (const oci::HistoryEntry& entry : config.history) {
    *image.add_history() = ToProto(entry);
  }
}

}  // namespace

absl::StatusOr<image::v1::Image> ImageDescriber::Describe(
    const FoundImage& found,
    const std::optional<oci::Platform>& platform) const {
  ASSIGN_OR_RETURN(const PlatformImage selected,
                   SelectManifest(documents_, found.target, platform));
  image::v1::Image image;
  image.set_id(found.target.digest.ToString());
  *image.mutable_target() = ToProto(found.target);
  *image.mutable_manifest() = ToProto(selected.descriptor);
  image.set_config_digest(selected.manifest().config.digest.ToString());
  AddNames(found, image);
  AddConfig(*selected.config, image);
  for (const oci::Digest& diff_id : selected.config->config.diff_ids) {
    const absl::StatusOr<v1::LayerRecord> layer = layers_.Find(diff_id);
    image.add_layer_sizes(layer.ok() ? layer->bytes() : 0);
  }

  const std::vector<LeaseUsage::Use> uses = leases_.Uses();
  for (const LeaseUsage::Use& use : uses) {
    if (use.image == found.target.digest) {
      image.set_snapshot_count(image.snapshot_count() + 1);
    }
  }
  std::vector<oci::Descriptor> below = {found.target};
  ASSIGN_OR_RETURN(const auto document, documents_.Document(found.target));
  if (const auto* index = std::get_if<oci::Index>(document.get())) {
    below = index->manifests;
    image.set_size(found.target.size);
  }
  for (const oci::Descriptor& descriptor : below) {
    image::v1::ManifestSummary summary = Summarize(descriptor, uses);
    image.set_size(image.size() + summary.content_size() +
                   summary.unpacked_size());
    *image.add_manifests() = std::move(summary);
  }
  return image;
}

image::v1::ManifestSummary ImageDescriber::Summarize(
    const oci::Descriptor& descriptor,
    const std::vector<LeaseUsage::Use>& uses) const {
  image::v1::ManifestSummary summary;
  *summary.mutable_target() = ToProto(descriptor);
  summary.set_kind(image::v1::ManifestSummary::IMAGE);
  if (oci::IsAttestation(descriptor)) {
    summary.set_kind(image::v1::ManifestSummary::ATTESTATION);
    const auto subject =
        descriptor.annotations.find(oci::kAnnotationReferenceDigest);
    if (subject != descriptor.annotations.end()) {
      summary.set_attestation_for(subject->second);
    }
  }
  for (const LeaseUsage::Use& use : uses) {
    if (use.manifest == descriptor.digest) summary.add_leases(use.lease);
  }
  if (!blobs_.Size(descriptor.digest).ok()) return summary;
  summary.set_content_size(descriptor.size);
  const auto document = documents_.Document(descriptor);
  const auto* manifest =
      document.ok() ? std::get_if<oci::Manifest>(document->get()) : nullptr;
  if (manifest == nullptr) {
    summary.set_kind(image::v1::ManifestSummary::UNKNOWN);
    return summary;
  }
  bool available = true;
  std::set<oci::Digest> counted;
  std::vector<oci::Descriptor> blobs = manifest->layers;
  blobs.push_back(manifest->config);
  for (const oci::Descriptor& blob : blobs) {
    const absl::StatusOr<int64_t> size = blobs_.Size(blob.digest);
    available = available && size.ok();
    if (size.ok() && counted.insert(blob.digest).second) {
      summary.set_content_size(summary.content_size() + *size);
    }
  }
  summary.set_available(available);
  const auto config = documents_.Config(manifest->config.digest);
  if (!config.ok()) return summary;
  if (!summary.target().has_platform()) {
    *summary.mutable_target()->mutable_platform() =
        ToProto((*config)->config.platform);
  }
  std::set<oci::Digest> unpacked;
  for (const oci::Digest& diff_id : (*config)->config.diff_ids) {
    const absl::StatusOr<v1::LayerRecord> layer = layers_.Find(diff_id);
    if (!layer.ok() || !unpacked.insert(diff_id).second) continue;
    summary.set_unpacked_size(summary.unpacked_size() + layer->bytes());
  }
  return summary;
}

}  // namespace tug::imaged
