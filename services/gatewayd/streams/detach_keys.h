// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tug::gatewayd {

// "ctrl-p,ctrl-q" as the bytes a terminal sends; empty text means that
// default. INVALID_ARGUMENT "Invalid detach keys (x) provided".
absl::StatusOr<std::string> ParseDetachKeys(absl::string_view text);

// Finds the keys in a stream of input, across reads. Bytes that may be their
// beginning are held back until it is clear.
class DetachScanner {
 public:
  explicit DetachScanner(std::string keys) : keys_(std::move(keys)) {}

  // Appends to `out` what goes on to the container; true once the keys are
  // complete (what follows them is dropped).
  bool Scan(absl::string_view in, std::string& out);

 private:
  const std::string keys_;
  // Keys seen so far.
  size_t matched_ = 0;
};

}  // namespace tug::gatewayd
