// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "lib/base/status_macros.h"
#include "lib/http/message.h"
#include "services/gatewayd/server/docker_error.h"
#include "services/gatewayd/server/go_number.h"

namespace tug::gatewayd {

struct TerminalSize {
  uint32_t height = 0;
  uint32_t width = 0;
};

// "h" and "w" of a resize; both are required, and have 32 bits. Docker's words
// otherwise, by which a negative number is out of range.
inline absl::StatusOr<TerminalSize> ReadTerminalSize(const http::Query& query) {
  const auto read = [&](const char* key,
                        const char* what) -> absl::StatusOr<uint32_t> {
    const std::string text = query.Get(key);
    absl::string_view digits = text;
    const bool negative = absl::ConsumePrefix(&digits, "-");
    absl::StatusOr<uint64_t> value =
        ParseGoUnsigned(digits, std::numeric_limits<uint32_t>::max());
    if (value.ok() && negative) {
      value = absl::OutOfRangeError("value out of range");
    }
    if (value.ok()) return static_cast<uint32_t>(*value);
    return DockerError(400, absl::StrCat("invalid resize ", what, " \"", text,
                                         "\": ", value.status().message()));
  };
  ASSIGN_OR_RETURN(const uint32_t height, read("h", "height"));
  ASSIGN_OR_RETURN(const uint32_t width, read("w", "width"));
  return TerminalSize{height, width};
}

}  // namespace tug::gatewayd
