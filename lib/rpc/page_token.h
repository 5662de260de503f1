// SPDX-License-Identifier: Apache-2.0
//
// Paging of lists (AIP-158): a page token is the last key of the page before,
// opaque to callers.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tug::rpc {

inline constexpr int32_t kDefaultPageSize = 1000;
inline constexpr int32_t kMaxPageSize = 10000;

// The size to use for what a caller asked: 0 means kDefaultPageSize, more than
// kMaxPageSize means that. INVALID_ARGUMENT (PAGE_SIZE_INVALID) below 0.
absl::StatusOr<size_t> PageSize(int32_t asked);

// Token for the page after `last_key`.
std::string EncodePageToken(absl::string_view last_key);

// The key after which the page begins; empty for the first page.
// INVALID_ARGUMENT (PAGE_TOKEN_INVALID).
absl::StatusOr<std::string> DecodePageToken(absl::string_view token);

}  // namespace tug::rpc
