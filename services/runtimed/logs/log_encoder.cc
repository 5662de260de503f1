// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/logs/log_encoder.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/runtimed/logs/log_line.h"
#include "services/runtimed/spec/log_options.h"

namespace tug::runtimed {
namespace {

void AppendFrame(const LogLine& line, absl::string_view prefix,
                 std::string& out) {
  const size_t size = prefix.size() + line.text.size();
  const char header[8] = {static_cast<char>(line.is_stderr ? 2 : 1),
                          0,
                          0,
                          0,
                          static_cast<char>(size >> 24),
                          static_cast<char>(size >> 16),
                          static_cast<char>(size >> 8),
                          static_cast<char>(size)};
  out.append(header, sizeof(header));
}

}  // namespace

LogEncoder::LogEncoder(LogSelection selection,
                       const runtime::v1::Container& container)
    : selection_(std::move(selection)),
      raw_(container.config().tty()),
      details_(selection_.details ? LogDetails(container) : std::string()) {}

bool LogEncoder::Add(absl::string_view line, std::string& out) const {
  const std::optional<LogLine> parsed = ParseLogLine(line);
  if (!parsed.has_value()) return true;
  if (selection_.since != absl::InfinitePast() ||
      selection_.until != absl::InfiniteFuture()) {
    const absl::Time time = ParseLogTime(parsed->time);
    if (time < selection_.since) return true;
    if (time > selection_.until) return false;
  }
  if (!(parsed->is_stderr ? selection_.stderr : selection_.stdout)) return true;
  std::string prefix;
  if (selection_.timestamps) {
    absl::StrAppend(&prefix, PadLogTime(parsed->time), " ");
  }
  if (selection_.details) absl::StrAppend(&prefix, details_, " ");
  if (!raw_) AppendFrame(*parsed, prefix, out);
  absl::StrAppend(&out, prefix, parsed->text);
  return true;
}

}  // namespace tug::runtimed
