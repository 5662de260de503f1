// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "boost/json.hpp"

namespace tug::cli {

// Shows the progress messages of pull and load: a line for each layer, redrawn
// in place on a terminal; elsewhere a line for each change.
class ProgressDisplay {
 public:
  // `fd`: where to draw. `width` 0: no terminal.
  ProgressDisplay(int fd, unsigned width) : fd_(fd), width_(width) {}

  // One message; the engine's error comes back as status.
  absl::Status Show(const boost::json::value& message);

 private:
  void Draw(const std::string& id, const std::string& line);
  void Write(const std::string& text);

  const int fd_;
  const unsigned width_;
  // Line numbers by id, in order of appearance.
  std::map<std::string, size_t> lines_;
};

// "[====>     ]  1.2MB/3.4MB", at most `width` wide.
std::string ProgressBar(int64_t current, int64_t total, unsigned width);

}  // namespace tug::cli
