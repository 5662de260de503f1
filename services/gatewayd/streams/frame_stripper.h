// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace tug::gatewayd {

// Takes Docker's frames (a stream's number, three zeros, the payload's size in
// four bytes, the payload) off a stream, across reads. For clients that get
// output and errors as one.
class FrameStripper {
 public:
  // Appends the payload in `in` to `out`.
  void Strip(absl::string_view in, std::string& out);

 private:
  static constexpr size_t kHeaderSize = 8;

  // Of the header that is being read.
  std::string header_;
  // Of the payload that is being read.
  uint32_t left_ = 0;
};

}  // namespace tug::gatewayd
