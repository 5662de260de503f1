// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/base/status.h"

namespace tug::netd {

// Of every ErrorInfo that netd sends.
inline constexpr char kErrorDomain[] = "netd.tug";

inline constexpr int32_t kDefaultPageSize = 1000;
inline constexpr int32_t kMaxPageSize = 10000;

// INVALID_ARGUMENT (PAGE_SIZE_INVALID) below 0.
inline absl::StatusOr<size_t> PageSize(int32_t asked) {
  if (asked < 0) {
    return WithReason(absl::InvalidArgumentError("page_size is negative"),
                      "PAGE_SIZE_INVALID");
  }
  if (asked == 0) return static_cast<size_t>(kDefaultPageSize);
  return static_cast<size_t>(std::min(asked, kMaxPageSize));
}

}  // namespace tug::netd
