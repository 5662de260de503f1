// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "lib/archive/stream.h"
#include "proto/tug/image/v1/image.pb.h"
#include "services/imaged/images/document_cache.h"
#include "services/imaged/images/image_catalog.h"
#include "services/imaged/images/select_manifest.h"
#include "services/imaged/snapshots/snapshot_table.h"
#include "services/imaged/stacks/build_stack.h"
#include "services/imaged/stacks/layer_stack.h"
#include "services/imaged/trees/merged_tree.h"

namespace tug::imaged {

// What the operations on snapshots stand on. Everything outlives them.
struct SnapshotParts {
  SnapshotTable& table;
  const ImageCatalog& catalog;
  DocumentCache& documents;
  const StackParts& stacks;
  int state;               // The directory that names are relative to.
  std::string state_path;  // The same as a path, for other services.
};

// The operations of SnapshotService; errors as in
// proto/tug/image/v1/image.proto. Thread-safe.
absl::StatusOr<image::v1::Snapshot> PrepareSnapshot(
    const SnapshotParts& parts,
    const image::v1::PrepareSnapshotRequest& request);
absl::StatusOr<image::v1::Snapshot> GetSnapshot(const SnapshotParts& parts,
                                                const std::string& lease);
absl::StatusOr<image::v1::ListLeasesResponse> ListLeases(
    const SnapshotParts& parts, const image::v1::ListLeasesRequest& request);
absl::StatusOr<image::v1::GetUsageResponse> GetUsage(const SnapshotParts& parts,
                                                     const std::string& lease);
absl::StatusOr<image::v1::DiffSnapshotResponse> DiffSnapshot(
    const SnapshotParts& parts, const std::string& lease);

// The merged tree of a lease. The caller keeps the lease.
absl::StatusOr<MergedTree> OpenTree(const SnapshotParts& parts,
                                    const std::string& lease);

}  // namespace tug::imaged
