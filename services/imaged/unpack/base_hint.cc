// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/unpack/base_hint.h"

#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/status_macros.h"
#include "services/imaged/unpack/report.h"

namespace tug::imaged {
namespace {

// "<mode> <uid> <gid>", path and link text, separated by zero bytes, which
// neither can hold.
std::string Text(const std::string& path, const BaseHint& hint) {
  return absl::StrCat(hint.mode, " ", hint.uid, " ", hint.gid,
                      absl::string_view("\0", 1), path,
                      absl::string_view("\0", 1), hint.link_target);
}

absl::Status Parse(absl::string_view text, BaseHints& hints) {
  const std::vector<std::string> fields = absl::StrSplit(text, '\0');
  BaseHint hint;
  if (fields.size() != 3) return absl::InternalError("malformed hint");
  const std::vector<absl::string_view> numbers = absl::StrSplit(fields[0], ' ');
  if (numbers.size() != 3 || !absl::SimpleAtoi(numbers[0], &hint.mode) ||
      !absl::SimpleAtoi(numbers[1], &hint.uid) ||
      !absl::SimpleAtoi(numbers[2], &hint.gid)) {
    return absl::InternalError("malformed hint");
  }
  hint.link_target = fields[2];
  hints[fields[1]] = std::move(hint);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> SerializeHints(const BaseHints& hints) {
  archive::StringSink sink;
  ReportWriter writer(sink);
  for (const auto& [path, hint] : hints) {
    RETURN_IF_ERROR(writer.Add(ReportKind::kHint, Text(path, hint)));
  }
  RETURN_IF_ERROR(writer.Flush());
  return std::move(sink.text);
}

absl::StatusOr<BaseHints> ReadHints(int fd) {
  BaseHints hints;
  ReportReader reader(fd);
  while (true) {
    const absl::StatusOr<ReportReader::Record> record = reader.Next();
    if (absl::IsOutOfRange(record.status())) return hints;
    RETURN_IF_ERROR(record.status());
    RETURN_IF_ERROR(Parse(record->text, hints));
  }
}

}  // namespace tug::imaged
