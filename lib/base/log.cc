// SPDX-License-Identifier: Apache-2.0
#include "lib/base/log.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "spdlog/sinks/stdout_sinks.h"
#include "spdlog/spdlog.h"

namespace tug {
namespace {

std::string EscapeJson(absl::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte < 0x20 || byte == 0x7f) {
      absl::StrAppendFormat(&out, "\\u%04x", byte);
    } else {
      out.push_back(c);
    }
  }
  return out;
}

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

}  // namespace

void InitLog(absl::string_view program, LogLevel minimum) {
  auto logger = spdlog::stderr_logger_mt(std::string(program));
  logger->set_pattern(
      R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","program":"%n",%v})",
      spdlog::pattern_time_type::utc);
  logger->set_level(ToSpdlog(minimum));
  logger->flush_on(spdlog::level::debug);
  spdlog::set_default_logger(std::move(logger));
}

void SetLogLevel(LogLevel minimum) {
  spdlog::default_logger_raw()->set_level(ToSpdlog(minimum));
}

LogLevel ParseLogLevel(absl::string_view text) {
  if (text == "debug") return LogLevel::kDebug;
  if (text == "warning") return LogLevel::kWarning;
  if (text == "error") return LogLevel::kError;
  return LogLevel::kInfo;
}

void Log(LogLevel level, absl::string_view message, LogFields fields) {
  spdlog::logger* logger = spdlog::default_logger_raw();
  if (!logger->should_log(ToSpdlog(level))) return;
  std::string line = absl::StrCat("\"message\":\"", EscapeJson(message), "\"");
  for (const auto& [key, value] : fields) {
    absl::StrAppend(&line, ",\"", EscapeJson(key), "\":\"", EscapeJson(value),
                    "\"");
  }
  logger->log(ToSpdlog(level), spdlog::string_view_t(line));
}

void LogIfError(const absl::Status& status, absl::string_view what) {
  if (status.ok()) return;
  LogWarning(what, {{"error", status.message()}});
}

}  // namespace tug
