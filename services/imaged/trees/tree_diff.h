// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "proto/tug/image/v1/image.pb.h"
#include "services/imaged/trees/merged_tree.h"

namespace tug::imaged {

// Most paths that a difference may have.
inline constexpr int kMaxChanges = 1'000'000;

// What the uppermost directory of `tree` (layer 0) changes in the tree of the
// others, as Docker tells it: sorted by path; a directory counts as modified
// when something below it changed. RESOURCE_EXHAUSTED past kMaxChanges.
absl::StatusOr<image::v1::DiffSnapshotResponse> DiffTree(
    const MergedTree& tree);

}  // namespace tug::imaged
