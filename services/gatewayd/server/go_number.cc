// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/server/go_number.h"

#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"

namespace tug::gatewayd {
namespace {

bool IsDigits(absl::string_view text) {
  return !text.empty() &&
         text.find_first_not_of("0123456789") == absl::string_view::npos;
}

absl::Status BadSyntax() {
  return absl::InvalidArgumentError("invalid syntax");
}

absl::Status BadRange() { return absl::OutOfRangeError("value out of range"); }

}  // namespace

absl::StatusOr<uint64_t> ParseGoUnsigned(absl::string_view text,
                                         uint64_t limit) {
  if (!IsDigits(text)) return BadSyntax();
  uint64_t value = 0;
  if (!absl::SimpleAtoi(text, &value) || value > limit) return BadRange();
  return value;
}

absl::StatusOr<int64_t> ParseGoSigned(absl::string_view text) {
  absl::string_view digits = text;
  if (!absl::ConsumePrefix(&digits, "-")) absl::ConsumePrefix(&digits, "+");
  if (!IsDigits(digits)) return BadSyntax();
  int64_t value = 0;
  if (!absl::SimpleAtoi(text, &value)) return BadRange();
  return value;
}

}  // namespace tug::gatewayd
