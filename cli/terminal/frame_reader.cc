// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal/frame_reader.h"

#include <algorithm>

#include "lib/base/status_macros.h"

namespace tug::cli {
namespace {

constexpr size_t kHeaderBytes = 8;
constexpr int kLastStream = 3;

size_t LengthOf(const std::string& header) {
  size_t length = 0;
  for (size_t i = 4; i < kHeaderBytes; ++i) {
    length = length << 8 | static_cast<unsigned char>(header[i]);
  }
  return length;
}

}  // namespace

absl::Status FrameReader::Feed(absl::string_view bytes, const Sink& sink) {
  while (!bytes.empty()) {
    if (left_ == 0) {
      const size_t wanted = kHeaderBytes - header_.size();
      header_.append(bytes.data(), std::min(wanted, bytes.size()));
      bytes.remove_prefix(std::min(wanted, bytes.size()));
      if (header_.size() < kHeaderBytes) return absl::OkStatus();
      stream_ = static_cast<unsigned char>(header_[0]);
      if (stream_ > kLastStream) {
        return absl::InvalidArgumentError("the engine sent no frames");
      }
      left_ = LengthOf(header_);
      header_.clear();
      continue;
    }
    const absl::string_view part =
        bytes.substr(0, std::min(left_, bytes.size()));
    RETURN_IF_ERROR(sink(stream_, part));
    left_ -= part.size();
    bytes.remove_prefix(part.size());
  }
  return absl::OkStatus();
}

}  // namespace tug::cli
