// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"

namespace tug::imaged {

// Bytes on disk of `path` beneath `root` and everything below it; an inode
// with several names counts once. What vanishes meanwhile counts nothing.
absl::StatusOr<int64_t> MeasureDisk(int root, const char* path);

}  // namespace tug::imaged
