// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "proto/tug/runtime/v1/container.pb.h"

namespace tug::runtimed {

// Which lines a reader wants, and how.
struct LogSelection {
  bool stdout = true;
  bool stderr = true;
  bool follow = false;
  bool timestamps = false;
  bool details = false;
  absl::Time since = absl::InfinitePast();
  absl::Time until = absl::InfiniteFuture();
  std::optional<int64_t> tail;
};

// Turns log lines into the bytes that clients expect: Docker's frames, or raw
// bytes of a container with a terminal.
//
// Not thread-safe.
class LogEncoder {
 public:
  LogEncoder(LogSelection selection, const runtime::v1::Container& container);

  // Appends one line of a log file to `out`, if it is wanted. False once a line
  // is beyond `until`.
  bool Add(absl::string_view line, std::string& out) const;

  const LogSelection& selection() const { return selection_; }

 private:
  const LogSelection selection_;
  const bool raw_;
  const std::string details_;
};

}  // namespace tug::runtimed
