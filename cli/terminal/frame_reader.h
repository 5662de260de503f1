// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace tug::cli {

// Takes Docker's multiplexed stream apart: frames of an 8-byte header (stream
// number, three zeros, big-endian length) and their content. Content is handed
// on as it comes, so that the length of a frame costs no memory.
class FrameReader {
 public:
  // `stream`: 1 output, 2 error output, 3 the engine's own errors.
  using Sink = std::function<absl::Status(int stream, absl::string_view bytes)>;

  // INVALID_ARGUMENT for what is no such stream.
  absl::Status Feed(absl::string_view bytes, const Sink& sink);

 private:
  std::string header_;
  size_t left_ = 0;  // Of the current frame's content.
  int stream_ = 0;
};

}  // namespace tug::cli
