// SPDX-License-Identifier: Apache-2.0
#include "lib/rpc/page_token.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"

namespace tug::rpc {
namespace {

// Longest token that is looked at; keys are names and ids.
constexpr size_t kMaxTokenBytes = 4096;

}  // namespace

absl::StatusOr<size_t> PageSize(int32_t asked) {
  if (asked < 0) {
    return WithReason(
        absl::InvalidArgumentError(
            absl::StrCat("page_size ", asked, " is below 0")),
        "PAGE_SIZE_INVALID");
  }
  if (asked == 0) return static_cast<size_t>(kDefaultPageSize);
  return static_cast<size_t>(std::min(asked, kMaxPageSize));
}

std::string EncodePageToken(absl::string_view last_key) {
  return absl::WebSafeBase64Escape(last_key);
}

absl::StatusOr<std::string> DecodePageToken(absl::string_view token) {
  std::string key;
  if (token.size() > kMaxTokenBytes ||
      !absl::WebSafeBase64Unescape(token, &key)) {
    return WithReason(absl::InvalidArgumentError(
                          "page_token is not one that this service gave"),
                      "PAGE_TOKEN_INVALID");
  }
  return key;
}

}  // namespace tug::rpc
