// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tug::gatewayd {

// Decimal numbers as Go's strconv reads them, since Docker's error texts end
// in its words: INVALID_ARGUMENT "invalid syntax", OUT_OF_RANGE "value out of
// range". Neither takes white space.
//
// Digits only, at most `limit`.
absl::StatusOr<uint64_t> ParseGoUnsigned(absl::string_view text,
                                         uint64_t limit);
// A sign is allowed; 64 bits.
absl::StatusOr<int64_t> ParseGoSigned(absl::string_view text);

}  // namespace tug::gatewayd
