// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/translate/go_duration.h"

#include <cmath>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace tug::gatewayd {
namespace {

struct Unit {
  const char* name;
  double nanoseconds;
};

constexpr Unit kUnits[] = {
    {"ns", 1},   {"us", 1e3}, {"\xc2\xb5s", 1e3}, {"\xce\xbcs", 1e3},
    {"ms", 1e6}, {"s", 1e9},  {"m", 60e9},        {"h", 3600e9},
};
// Go's durations have 64 bits, one of them for the sign.
constexpr double kLongest = 9.2e18;
constexpr size_t kMaxText = 64;

absl::Status Invalid(absl::string_view what, absl::string_view text) {
  return absl::InvalidArgumentError(
      absl::StrCat("time: ", what, "duration \"", text, "\""));
}

bool IsOfNumber(char c) { return absl::ascii_isdigit(c) || c == '.'; }

}  // namespace

absl::StatusOr<int64_t> ParseGoDuration(absl::string_view text) {
  absl::string_view rest = text;
  const bool negative = absl::ConsumePrefix(&rest, "-");
  if (!negative) absl::ConsumePrefix(&rest, "+");
  if (rest == "0") return 0;
  if (rest.empty() || text.size() > kMaxText) return Invalid("invalid ", text);
  double sum = 0;
  while (!rest.empty()) {
    size_t digits = 0;
    while (digits < rest.size() && IsOfNumber(rest[digits])) ++digits;
    double number = 0;
    if (digits == 0 || !absl::SimpleAtod(rest.substr(0, digits), &number)) {
      return Invalid("invalid ", text);
    }
    rest.remove_prefix(digits);
    size_t letters = 0;
    while (letters < rest.size() && !IsOfNumber(rest[letters])) ++letters;
    const absl::string_view name = rest.substr(0, letters);
    if (name.empty()) return Invalid("missing unit in ", text);
    const Unit* unit = nullptr;
    for (const Unit& known : kUnits) {
      if (name == known.name) unit = &known;
    }
    if (unit == nullptr) {
      return Invalid(absl::StrCat("unknown unit \"", name, "\" in "), text);
    }
    sum += number * unit->nanoseconds;
    if (sum > kLongest) return Invalid("invalid ", text);
    rest.remove_prefix(letters);
  }
  const auto nanoseconds = static_cast<int64_t>(std::llround(sum));
  return negative ? -nanoseconds : nanoseconds;
}

}  // namespace tug::gatewayd
