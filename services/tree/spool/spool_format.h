// SPDX-License-Identifier: Apache-2.0
//
// An archive of images, taken apart by tug-tree so that its parent need not
// parse a tar. The stream is a row of frames:
//
//   frame  = file | link | end
//   file   = "F" size path-length path content    content has `size` bytes
//   link   = "L" target-length path-length path target
//   end    = "E"
//
// Lengths are eight bytes, little endian. Paths are clean (entry_path.h), those
// of links too: a symbolic link's target has been made one from the root.
// Directories and devices are left out. Both ends count what the names come
// to, so that the reader may keep them all.
#pragma once

#include <cstddef>

#include "lib/base/byte_budget.h"

namespace tug::tree {

// What a frame begins with.
inline constexpr char kSpoolFile = 'F';
inline constexpr char kSpoolLink = 'L';
inline constexpr char kSpoolEnd = 'E';

// Most bytes of names in one archive: their text and what keeping each in
// memory takes besides.
inline constexpr size_t kMaxSpoolNamesBytes = 16 << 20;
inline constexpr size_t kSpoolNameCost = 160;
inline constexpr Bounds kSpoolNames = {
    .count = kMaxSpoolNamesBytes / kSpoolNameCost,
    .bytes = kMaxSpoolNamesBytes};

// Whether a name of this size still fits.
inline bool TakeSpoolName(size_t size, ByteBudget& names) {
  return names.TryTake(size + kSpoolNameCost);
}

}  // namespace tug::tree
