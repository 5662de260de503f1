// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/server/api_version.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace tug::gatewayd {
namespace {

// Digits of one number: more are no version of anything.
constexpr size_t kMaxDigits = 4;

bool ParseNumber(absl::string_view text, int& value) {
  return !text.empty() && text.size() <= kMaxDigits &&
         text.find_first_not_of("0123456789") == text.npos &&
         absl::SimpleAtoi(text, &value);
}

}  // namespace

std::optional<ApiVersion> ParseApiVersion(absl::string_view text) {
  const size_t dot = text.find('.');
  ApiVersion version;
  if (dot == text.npos || !ParseNumber(text.substr(0, dot), version.major) ||
      !ParseNumber(text.substr(dot + 1), version.minor)) {
    return std::nullopt;
  }
  return version;
}

std::string ToString(ApiVersion version) {
  return absl::StrCat(version.major, ".", version.minor);
}

}  // namespace tug::gatewayd
