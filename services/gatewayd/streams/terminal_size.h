// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "lib/http/message.h"
#include "services/gatewayd/server/docker_error.h"

namespace tug::gatewayd {

struct TerminalSize {
  uint32_t height = 0;
  uint32_t width = 0;
};

// "h" and "w" of a resize; both are required. Docker's words otherwise.
inline absl::StatusOr<TerminalSize> ReadTerminalSize(const http::Query& query) {
  TerminalSize size;
  const auto read = [&](const char* key, const char* what, uint32_t& value) {
    const std::string text = query.Get(key);
    if (!text.empty() && text[0] != '+' && text[0] != '-' &&
        absl::SimpleAtoi(text, &value)) {
      return absl::OkStatus();
    }
    return DockerError(400, absl::StrCat("invalid resize ", what, " \"", text,
                                         "\": invalid syntax"));
  };
  absl::Status status = read("h", "height", size.height);
  if (status.ok()) status = read("w", "width", size.width);
  if (!status.ok()) return status;
  return size;
}

}  // namespace tug::gatewayd
