// SPDX-License-Identifier: Apache-2.0
#include "cli/options/byte_size.h"

#include <cmath>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace tug::cli {
namespace {

constexpr double kNanosPerCpu = 1e9;

absl::Status Invalid(absl::string_view what, absl::string_view text) {
  return absl::InvalidArgumentError(
      absl::StrCat("invalid ", what, ": '", text, "'"));
}

// Shift of a unit: "k", "kb" or "kib" is 10. -1: none such.
int UnitShift(std::string unit) {
  if (unit.empty() || unit == "b") return 0;
  const size_t index = std::string("kmgtp").find(unit[0]);
  const std::string rest = unit.substr(1);
  if (index == std::string::npos ||
      (!rest.empty() && rest != "b" && rest != "ib")) {
    return -1;
  }
  return static_cast<int>(index + 1) * 10;
}

std::string Stamp(absl::Time time) {
  const int64_t nanos = absl::ToUnixNanos(time);
  return absl::StrFormat("%d.%09d", nanos / 1'000'000'000,
                         nanos % 1'000'000'000);
}

}  // namespace

absl::StatusOr<int64_t> ParseBytes(absl::string_view text) {
  const size_t end =
      std::min(text.find_first_not_of("0123456789."), text.size());
  double number = 0;
  const int shift = UnitShift(
      absl::AsciiStrToLower(absl::StripAsciiWhitespace(text.substr(end))));
  if (end == 0 || shift < 0 ||
      !absl::SimpleAtod(text.substr(0, end), &number)) {
    return Invalid("size", text);
  }
  const double bytes = std::ldexp(number, shift);
  if (bytes >= 9.2e18) return Invalid("size", text);
  return static_cast<int64_t>(bytes);
}

absl::StatusOr<absl::Duration> ParseDuration(absl::string_view text) {
  absl::Duration duration;
  if (!absl::ParseDuration(text, &duration)) return Invalid("duration", text);
  return duration;
}

absl::StatusOr<std::string> ParseMoment(absl::string_view text,
                                        absl::Time now) {
  absl::Duration before;
  double seconds = 0;
  if (absl::SimpleAtod(text, &seconds) && seconds >= 0) {
    return std::string(text);
  }
  if (absl::ParseDuration(text, &before)) return Stamp(now - before);
  absl::Time time;
  std::string error;
  for (const char* format : {absl::RFC3339_full, "%Y-%m-%dT%H:%M:%E*S",
                             "%Y-%m-%dT%H:%M", "%Y-%m-%d"}) {
    if (absl::ParseTime(format, text, absl::LocalTimeZone(), &time, &error)) {
      return Stamp(time);
    }
  }
  return Invalid("time", text);
}

absl::StatusOr<int64_t> ParseCpus(absl::string_view text) {
  double number = 0;
  if (!absl::SimpleAtod(text, &number) || !(number >= 0) || number > 1e6) {
    return Invalid("number of CPUs", text);
  }
  return static_cast<int64_t>(std::llround(number * kNanosPerCpu));
}

}  // namespace tug::cli
