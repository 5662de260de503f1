// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace tug::cli {

// Writes all of it to standard output.
void Print(absl::string_view text);
inline void PrintLine(const std::string& text) { Print(text + "\n"); }

// One line on standard error.
void PrintError(absl::string_view text);

// Runs `action` for each word: prints the word where it succeeds and the error
// where it fails. Answers the exit status, 1 if any failed.
int ForEach(const std::vector<std::string>& words,
            const std::function<absl::Status(const std::string&)>& action);

// Cuts a stream into lines (without their ends) and hands them on.
class LineSplitter {
 public:
  explicit LineSplitter(std::function<absl::Status(absl::string_view)> sink)
      : sink_(std::move(sink)) {}
  // RESOURCE_EXHAUSTED for an endless line.
  absl::Status Feed(absl::string_view bytes);
  // What is left without a line's end.
  absl::Status Finish();

 private:
  std::function<absl::Status(absl::string_view)> sink_;
  std::string rest_;
};

}  // namespace tug::cli
