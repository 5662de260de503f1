// SPDX-License-Identifier: Apache-2.0
#include "services/tree/apply/base_hint.h"

#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/status_macros.h"

namespace tug::tree {
namespace {

// "<mode> <uid> <gid>" and the path, separated by a zero byte, which neither
// can hold.
std::string Text(const std::string& path, const BaseHint& hint) {
  return absl::StrCat(hint.mode, " ", hint.uid, " ", hint.gid,
                      absl::string_view("\0", 1), path);
}

absl::Status Parse(absl::string_view text, BaseHints& hints) {
  const std::vector<std::string> fields = absl::StrSplit(text, '\0');
  BaseHint hint;
  if (fields.size() != 2) return absl::InternalError("malformed hint");
  const std::vector<absl::string_view> numbers = absl::StrSplit(fields[0], ' ');
  if (numbers.size() != 3 || !absl::SimpleAtoi(numbers[0], &hint.mode) ||
      !absl::SimpleAtoi(numbers[1], &hint.uid) ||
      !absl::SimpleAtoi(numbers[2], &hint.gid)) {
    return absl::InternalError("malformed hint");
  }
  hints[fields[1]] = hint;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> SerializeHints(const BaseHints& hints) {
  archive::StringSink sink;
  ReportWriter writer(sink, kMaxHintBytes);
  for (const auto& [path, hint] : hints) {
    RETURN_IF_ERROR(writer.Add(ReportKind::kHint, Text(path, hint)));
  }
  RETURN_IF_ERROR(writer.Flush());
  return std::move(sink.text);
}

absl::StatusOr<BaseHints> ReadHints(int fd) {
  BaseHints hints;
  ReportReader reader(fd, kMaxHintBytes);
  while (true) {
    const absl::StatusOr<ReportReader::Record> record = reader.Next();
    if (absl::IsOutOfRange(record.status())) return hints;
    RETURN_IF_ERROR(record.status());
    RETURN_IF_ERROR(Parse(record->text, hints));
  }
}

}  // namespace tug::tree
