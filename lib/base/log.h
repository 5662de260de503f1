// SPDX-License-Identifier: Apache-2.0
//
// Structured logs: one JSON object a line on standard error, which tugd
// collects. Values are escaped, so that no name or label can forge a line.
#pragma once

#include <initializer_list>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace tug {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// Names the program in every line; called once by RunProgram.
void InitLog(absl::string_view program, LogLevel minimum);

// Changes what InitLog set.
void SetLogLevel(LogLevel minimum);

// Parses "debug", "info", "warning", "error"; anything else is kInfo.
LogLevel ParseLogLevel(absl::string_view text);

using LogFields =
    std::initializer_list<std::pair<absl::string_view, absl::string_view>>;

// Thread-safe; never blocks on anything but standard error.
void Log(LogLevel level, absl::string_view message, LogFields fields = {});

inline void LogDebug(absl::string_view message, LogFields fields = {}) {
  Log(LogLevel::kDebug, message, fields);
}
inline void LogInfo(absl::string_view message, LogFields fields = {}) {
  Log(LogLevel::kInfo, message, fields);
}
inline void LogWarning(absl::string_view message, LogFields fields = {}) {
  Log(LogLevel::kWarning, message, fields);
}
inline void LogError(absl::string_view message, LogFields fields = {}) {
  Log(LogLevel::kError, message, fields);
}

// Logs a failed status as a warning; OK is silent. For errors that no caller
// is left to hear of.
void LogIfError(const absl::Status& status, absl::string_view what);

}  // namespace tug
