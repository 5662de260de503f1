// SPDX-License-Identifier: Apache-2.0
#include "cli/format/human.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/format/table.h"

namespace tug::cli {
namespace {

constexpr size_t kShortId = 12;

std::string Scaled(double value, double base, const char* const* units,
                   size_t unit_count, int digits) {
  size_t unit = 0;
  while (value >= base && unit + 1 < unit_count) {
    value /= base;
    ++unit;
  }
  return absl::StrFormat("%.*g%s", digits, value, units[unit]);
}

}  // namespace

std::string HumanDuration(absl::Duration duration) {
  const int64_t seconds = absl::ToInt64Seconds(duration);
  if (seconds < 1) return "Less than a second";
  if (seconds == 1) return "1 second";
  if (seconds < 60) return absl::StrCat(seconds, " seconds");
  const int64_t minutes = seconds / 60;
  if (minutes == 1) return "About a minute";
  if (minutes < 60) return absl::StrCat(minutes, " minutes");
  const auto hours =
      static_cast<int64_t>(std::floor(absl::ToDoubleHours(duration) + 0.5));
  if (hours == 1) return "About an hour";
  if (hours < 48) return absl::StrCat(hours, " hours");
  if (hours < 24 * 7 * 2) return absl::StrCat(hours / 24, " days");
  if (hours < 24 * 30 * 2) return absl::StrCat(hours / 24 / 7, " weeks");
  if (hours < 24 * 365 * 2) return absl::StrCat(hours / 24 / 30, " months");
  return absl::StrCat(hours / 24 / 365, " years");
}

std::string HumanSize(int64_t bytes) {
  static constexpr const char* kUnits[] = {"B",  "kB", "MB", "GB",
                                           "TB", "PB", "EB"};
  return Scaled(static_cast<double>(bytes), 1000, kUnits, 7, 3);
}

std::string BinarySize(int64_t bytes) {
  static constexpr const char* kUnits[] = {"B",   "KiB", "MiB", "GiB",
                                           "TiB", "PiB", "EiB"};
  return Scaled(static_cast<double>(bytes), 1024, kUnits, 7, 4);
}

std::string LocalTime(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S %z %Z", time,
                          absl::LocalTimeZone());
}

std::string Ellipsis(const std::string& text, size_t width) {
  if (DisplayWidth(text) <= width) return text;
  size_t end = 0;
  size_t shown = 0;
  while (end < text.size()) {
    const bool starts = (static_cast<unsigned char>(text[end]) & 0xc0) != 0x80;
    if (starts && shown++ == width - 1) break;
    ++end;
  }
  return text.substr(0, end) + "\xe2\x80\xa6";
}

std::string ShortenId(const std::string& id) {
  const size_t colon = id.find(':');
  return id.substr(colon == std::string::npos ? 0 : colon + 1, kShortId);
}

}  // namespace tug::cli
