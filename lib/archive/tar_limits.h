// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace tug::archive {

// Longest path or link target.
inline constexpr size_t kMaxPathSize = 4096;
// What one entry may bring before its content, in all: bytes of extended
// headers (their own blocks count, so that empty ones end too), different keys
// in them, pieces of a sparse file.
inline constexpr size_t kMaxExtendedBytes = 1 << 20;
inline constexpr size_t kMaxExtendedKeys = 1 << 12;
inline constexpr size_t kMaxExtents = 1 << 16;

}  // namespace tug::archive
