// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tug::gatewayd {

// Nanoseconds of a duration as Go writes it ("1h30m", "1.5s", "-3ms").
// INVALID_ARGUMENT with Go's words.
absl::StatusOr<int64_t> ParseGoDuration(absl::string_view text);

}  // namespace tug::gatewayd
