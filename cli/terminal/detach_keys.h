// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tug::cli {

inline constexpr char kDefaultDetachKeys[] = "ctrl-p,ctrl-q";

// "ctrl-p,ctrl-q", "a,ctrl-[" as bytes. INVALID_ARGUMENT.
absl::StatusOr<std::string> ParseDetachKeys(absl::string_view text);

// Watches what is typed for the detach sequence. Keys that might begin it are
// held back until that is decided.
class DetachKeys {
 public:
  // Empty `keys`: never matches.
  explicit DetachKeys(std::string keys) : keys_(std::move(keys)) {}

  // Appends to `out` what shall be sent. True: the sequence was typed.
  bool Filter(absl::string_view typed, std::string& out);

 private:
  const std::string keys_;
  size_t matched_ = 0;
};

}  // namespace tug::cli
