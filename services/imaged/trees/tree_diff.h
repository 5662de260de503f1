// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "lib/base/byte_budget.h"
#include "proto/tug/image/v1/image.pb.h"
#include "services/imaged/trees/merged_tree.h"

namespace tug::imaged {

// Paths that a difference may have, as they lie in one message.
inline constexpr Bounds kMaxChanges = {.count = 1'000'000, .bytes = 12 << 20};

// What the uppermost directory of `tree` (layer 0) changes in the tree of the
// others, as Docker tells it: sorted by path; a directory counts as modified
// when something below it changed, or its owner or mode. What differs in
// nothing (FileComparer) is no change, and neither is what a start had to make
// of the base layer. RESOURCE_EXHAUSTED past kMaxChanges.
absl::StatusOr<image::v1::DiffSnapshotResponse> DiffTree(
    const MergedTree& tree);

}  // namespace tug::imaged
