// SPDX-License-Identifier: Apache-2.0
//
// How much of a disk an archive may take: a small one can unfold to anything.
// What is free when it begins is looked at, and a part of that stays free,
// whoever else writes meanwhile.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tug::tree {

// Bytes that must stay free on the file system of `directory` for an archive to
// take at most `percent` (1 to 100) of what is free now.
absl::StatusOr<int64_t> LeastFree(int directory, int percent);

// "it would take more than 80% of the free space (...)", for a status that a
// SpaceGuard gave; others as they are.
absl::Status ExplainSpace(const absl::Status& status, int percent,
                          const char* key);

// Not thread-safe.
class SpaceGuard {
 public:
  // Borrows the directory.
  SpaceGuard(int directory, int64_t least_free)
      : directory_(directory), least_free_(least_free) {}

  // Tells of bytes that were written. RESOURCE_EXHAUSTED once less than the
  // least is free; looked at every kStep bytes.
  absl::Status Charge(int64_t bytes);

 private:
  static constexpr int64_t kStep = 4 << 20;

  const int directory_;
  const int64_t least_free_;
  int64_t unseen_ = 0;
};

}  // namespace tug::tree
