// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/translate/times.h"

#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace tug::gatewayd {
namespace {

constexpr size_t kNanoDigits = 9;

// Docker's accepted shapes, most exact first.
constexpr const char* kFormats[] = {
    "%Y-%m-%dT%H:%M:%E*S%Ez",
    "%Y-%m-%dT%H:%M:%E*S",
    "%Y-%m-%dT%H:%M%Ez",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%dT%H%Ez",
    "%Y-%m-%dT%H",
    "%Y-%m-%d%Ez",
    "%Y-%m-%d",
};

bool AllDigits(absl::string_view text) {
  for (const char c : text) {
    if (!absl::ascii_isdigit(c)) return false;
  }
  return !text.empty();
}

absl::Status BadSeconds(absl::string_view text) {
  return absl::InvalidArgumentError(
      absl::StrCat("invalid seconds \"", text, "\": invalid syntax"));
}

}  // namespace

absl::Time ToTime(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds()) +
         absl::Nanoseconds(timestamp.nanos());
}

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(absl::ToUnixSeconds(time));
  timestamp.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(
      time - absl::FromUnixSeconds(timestamp.seconds()))));
  return timestamp;
}

std::string Rfc3339(absl::Time time) {
  return absl::FormatTime("%E4Y-%m-%dT%H:%M:%E*SZ", time, absl::UTCTimeZone());
}

std::string Rfc3339(const google::protobuf::Timestamp& timestamp) {
  if (timestamp.seconds() == 0 && timestamp.nanos() == 0) {
    return "0001-01-01T00:00:00Z";
  }
  return Rfc3339(ToTime(timestamp));
}

std::string FormatSeconds(const google::protobuf::Timestamp& timestamp) {
  return absl::FormatTime("%E4Y-%m-%dT%H:%M:%SZ", ToTime(timestamp),
                          absl::UTCTimeZone());
}

absl::StatusOr<absl::Time> ParseTimestamp(absl::string_view text,
                                          absl::Time now) {
  absl::Duration ago;
  if (!AllDigits(text) && absl::ParseDuration(text, &ago)) return now - ago;
  std::string error;
  absl::Time time;
  for (const char* format : kFormats) {
    if (absl::ParseTime(format, text, absl::UTCTimeZone(), &time, &error)) {
      return time;
    }
  }
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits('.', 1));
  int64_t seconds = 0;
  if (!absl::SimpleAtoi(parts.first, &seconds)) return BadSeconds(parts.first);
  time = absl::FromUnixSeconds(seconds);
  if (parts.second.empty()) return time;
  // "1.5" is half a second: the fraction's digits count from the left.
  std::string digits(parts.second.substr(0, kNanoDigits));
  digits.resize(kNanoDigits, '0');
  int64_t nanos = 0;
  if (!AllDigits(digits) || !absl::SimpleAtoi(digits, &nanos)) {
    return BadSeconds(parts.second);
  }
  return time + absl::Nanoseconds(nanos);
}

}  // namespace tug::gatewayd
