// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"

namespace tug::gatewayd {

// Copies all bytes of one blocking socket to another, then ends the writing
// side of `to`. Answers the bytes copied; CANCELLED when either side is gone.
absl::StatusOr<int64_t> CopyToEnd(int from, int to);

// Writes all of it. CANCELLED when the peer is gone.
absl::Status WriteAll(int to, const char* bytes, size_t size);

}  // namespace tug::gatewayd
