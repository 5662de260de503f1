// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/output.h"

#include <cstdio>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"

namespace tug::cli {
namespace {

constexpr size_t kMaxLineBytes = 16 * 1024 * 1024;

}  // namespace

void Print(absl::string_view text) {
  fwrite(text.data(), 1, text.size(), stdout);
  fflush(stdout);
}

void PrintError(absl::string_view text) {
  const std::string line = absl::StrCat(text, "\n");
  fwrite(line.data(), 1, line.size(), stderr);
}

int ForEach(const std::vector<std::string>& words,
            const std::function<absl::Status(const std::string&)>& action) {
  int exit_status = 0;
  for (const std::string& word : words) {
    const absl::Status status = action(word);
    if (status.ok()) {
      PrintLine(word);
    } else {
      PrintError(status.message());
      exit_status = 1;
    }
  }
  return exit_status;
}

absl::Status LineSplitter::Feed(absl::string_view bytes) {
  while (!bytes.empty()) {
    const size_t end = bytes.find('\n');
    rest_.append(bytes.data(), std::min(end, bytes.size()));
    if (rest_.size() > kMaxLineBytes) {
      return absl::ResourceExhaustedError("the engine sent an endless line");
    }
    if (end == absl::string_view::npos) return absl::OkStatus();
    bytes.remove_prefix(end + 1);
    RETURN_IF_ERROR(Finish());
  }
  return absl::OkStatus();
}

absl::Status LineSplitter::Finish() {
  const std::string line = std::move(rest_);
  rest_.clear();
  const absl::string_view text = absl::StripAsciiWhitespace(line);
  return text.empty() ? absl::OkStatus() : sink_(text);
}

}  // namespace tug::cli
