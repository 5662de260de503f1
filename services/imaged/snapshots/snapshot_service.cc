// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/snapshots/snapshot_service.h"

#include <fcntl.h>

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/files/tree_size.h"
#include "lib/rpc/page.h"
#include "services/imaged/files/directory.h"
#include "services/imaged/images/convert.h"
#include "services/imaged/images/find_image.h"
#include "services/imaged/trees/tree_diff.h"

namespace tug::imaged {
namespace {

std::string Upper(const SnapshotTable::Snapshot& snapshot) {
  return absl::StrCat("s/", snapshot.number, "/u");
}

// The stack, after unpacking what is missing from it (a platform that was
// only loaded, or layers that a crash of the machine took).
absl::StatusOr<LayerStack> StackFor(const SnapshotParts& parts,
                                    const PlatformImage& image) {
  const auto find = [&] {
    return StackLayers(parts.stacks.layers,
                       parts.stacks.stacks.LayersOf(image.descriptor.digest,
                                                    image.config->config));
  };
  absl::StatusOr<LayerStack> stack = find();
  if (!absl::IsNotFound(stack.status())) return stack;
  RETURN_IF_ERROR(BuildStack(parts.stacks, image.descriptor.digest,
                             image.manifest(), image.config->config, {}));
  return find();
}

image::v1::Snapshot Describe(const SnapshotParts& parts,
                             const SnapshotTable::Snapshot& snapshot,
                             const oci::Descriptor& manifest,
                             const LayerStack& stack) {
  image::v1::Snapshot proto;
  proto.set_lease(snapshot.use.lease);
  proto.set_image_id(snapshot.use.image.ToString());
  *proto.mutable_manifest() = ToProto(manifest);
  proto.set_directory(parts.state_path);
  for (const std::string& directory : stack.directories) {
    proto.add_lower(directory);
  }
  proto.set_upper(Upper(snapshot));
  proto.set_work(absl::StrCat("s/", snapshot.number, "/w"));
  return proto;
}

// The image that an existing lease stands on; names do not matter any more.
absl::StatusOr<PlatformImage> ImageOf(const SnapshotParts& parts,
                                      const SnapshotTable::Snapshot& snapshot) {
  oci::Descriptor manifest;
  manifest.digest = snapshot.use.manifest;
  ASSIGN_OR_RETURN(manifest.size, parts.stacks.blobs.Size(manifest.digest));
  ASSIGN_OR_RETURN(PlatformImage image,
                   SelectManifest(parts.documents, manifest, std::nullopt));
  image.descriptor.media_type = image.manifest().media_type;
  return image;
}

void PinImage(const PlatformImage& image, PinSet::Scope& pins) {
  pins.Add(image.descriptor.digest);
  pins.Add(image.manifest().config.digest);
  for (const oci::Descriptor& layer : image.manifest().layers) {
    pins.Add(layer.digest);
  }
  for (const oci::Digest& diff_id : image.config->config.diff_ids) {
    pins.Add(diff_id);
  }
}

// Variants, which only the stack knows.
void PinStack(const SnapshotParts& parts, const PlatformImage& image,
              PinSet::Scope& pins) {
  for (const oci::Digest& layer : parts.stacks.stacks.LayersOf(
           image.descriptor.digest, image.config->config)) {
    pins.Add(layer);
  }
}

}  // namespace

absl::StatusOr<image::v1::Snapshot> PrepareSnapshot(
    const SnapshotParts& parts,
    const image::v1::PrepareSnapshotRequest& request) {
  ASSIGN_OR_RETURN(
      const FoundImage found,
      FindImage(*parts.catalog.Names(), parts.documents, request.image_id()));
  ASSIGN_OR_RETURN(const PlatformImage image,
                   SelectManifest(parts.documents, found.target,
                                  FromProto(request.platform())));
  PinSet::Scope pins(parts.stacks.pins);
  pins.Add(found.target.digest);
  PinImage(image, pins);
  PinStack(parts, image, pins);
  // The image may have been removed before it was pinned.
  RETURN_IF_ERROR(FindImage(*parts.catalog.Names(), parts.documents,
                            found.target.digest.ToString())
                      .status());
  ASSIGN_OR_RETURN(const LayerStack stack, StackFor(parts, image));
  const LeaseUsage::Use use = {request.lease(), found.target.digest,
                               image.descriptor.digest};
  ASSIGN_OR_RETURN(const SnapshotTable::Snapshot snapshot,
                   parts.table.Create(use, stack.root));
  return Describe(parts, snapshot, image.descriptor, stack);
}

absl::StatusOr<image::v1::Snapshot> GetSnapshot(const SnapshotParts& parts,
                                                const std::string& lease) {
  ASSIGN_OR_RETURN(const SnapshotTable::Snapshot snapshot,
                   parts.table.Find(lease));
  ASSIGN_OR_RETURN(const PlatformImage image, ImageOf(parts, snapshot));
  ASSIGN_OR_RETURN(const LayerStack stack, StackFor(parts, image));
  return Describe(parts, snapshot, image.descriptor, stack);
}

absl::StatusOr<image::v1::ListLeasesResponse> ListLeases(
    const SnapshotParts& parts, const image::v1::ListLeasesRequest& request) {
  image::v1::ListLeasesResponse response;
  ASSIGN_OR_RETURN(auto page,
                   rpc::OpenPage(request, response.mutable_leases(),
                                 response.mutable_next_page_token()));
  std::set<std::string> leases;
  for (const LeaseUsage::Use& use : parts.table.Uses()) {
    if (use.lease > page.after()) leases.insert(use.lease);
  }
  for (const std::string& lease : leases) {
    if (!page.Add(lease, lease)) break;
  }
  return response;
}

absl::StatusOr<image::v1::GetUsageResponse> GetUsage(const SnapshotParts& parts,
                                                     const std::string& lease) {
  ASSIGN_OR_RETURN(const SnapshotTable::Snapshot snapshot,
                   parts.table.Find(lease));
  ASSIGN_OR_RETURN(const PlatformImage image, ImageOf(parts, snapshot));
  ASSIGN_OR_RETURN(const LayerStack stack, StackFor(parts, image));
  image::v1::GetUsageResponse response;
  ASSIGN_OR_RETURN(
      const UniqueFd upper,
      OpenBeneath(parts.state, Upper(snapshot), O_RDONLY | O_DIRECTORY));
  ASSIGN_OR_RETURN(const int64_t writable, MeasureTree(upper.get()));
  response.set_writable_bytes(writable);
  response.set_total_bytes(writable + stack.bytes);
  return response;
}

absl::StatusOr<MergedTree> OpenTree(const SnapshotParts& parts,
                                    const std::string& lease) {
  ASSIGN_OR_RETURN(const SnapshotTable::Snapshot snapshot,
                   parts.table.Find(lease));
  ASSIGN_OR_RETURN(const PlatformImage image, ImageOf(parts, snapshot));
  ASSIGN_OR_RETURN(const LayerStack stack, StackFor(parts, image));
  std::vector<std::string> paths = {Upper(snapshot)};
  paths.insert(paths.end(), stack.directories.begin(), stack.directories.end());
  std::vector<UniqueFd> roots;
  for (const std::string& path : paths) {
    ASSIGN_OR_RETURN(UniqueFd root,
                     OpenBeneath(parts.state, path, O_RDONLY | O_DIRECTORY));
    roots.push_back(std::move(root));
  }
  return MergedTree(std::move(roots));
}

absl::StatusOr<image::v1::DiffSnapshotResponse> DiffSnapshot(
    const SnapshotParts& parts, const std::string& lease) {
  ASSIGN_OR_RETURN(const MergedTree tree, OpenTree(parts, lease));
  return DiffTree(tree);
}

}  // namespace tug::imaged
