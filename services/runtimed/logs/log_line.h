// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace tug::runtimed {

// One line of a container's log (docs/formats/container-log.md).
struct LogLine {
  // Output with its newline, unescaped.
  std::string text;
  bool is_stderr = false;
  // As it stands in the line; borrowed from it.
  absl::string_view time;
};

// Parses one line, without its newline; absent if it is malformed.
std::optional<LogLine> ParseLogLine(absl::string_view line);

// The time with exactly nine fractional digits.
std::string PadLogTime(absl::string_view time);

// InfinitePast for a time that cannot be read.
absl::Time ParseLogTime(absl::string_view time);

}  // namespace tug::runtimed
