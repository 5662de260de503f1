// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"

namespace tug {

// Files with several names of which one is remembered, so that they count once;
// 16 bytes each.
inline constexpr size_t kMaxLinkedFiles = 1 << 18;

// Levels that are looked at. Deeper ones cannot be named by a path, and under
// Landlock each costs the time of all above it.
inline constexpr size_t kMaxMeasuredDepth = 2048;

// Bytes on disk of the directory `top` and everything below it on its mount; a
// file with several names counts once. Time, descriptors and memory as of
// TreeWalk. What lies deeper than kMaxMeasuredDepth is left out. What vanishes
// meanwhile counts nothing; where directories are moved meanwhile, what has
// been counted until then is the answer.
absl::StatusOr<int64_t> MeasureTree(int top);

}  // namespace tug
