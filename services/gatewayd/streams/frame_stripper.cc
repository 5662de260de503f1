// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/streams/frame_stripper.h"

#include <algorithm>

namespace tug::gatewayd {

void FrameStripper::Strip(absl::string_view in, std::string& out) {
  while (!in.empty()) {
    if (left_ > 0) {
      const size_t size = std::min<size_t>(left_, in.size());
      out.append(in.data(), size);
      in.remove_prefix(size);
      left_ -= static_cast<uint32_t>(size);
      continue;
    }
    const size_t size = std::min(kHeaderSize - header_.size(), in.size());
    header_.append(in.data(), size);
    in.remove_prefix(size);
    if (header_.size() < kHeaderSize) return;
    for (size_t i = 4; i < kHeaderSize; ++i) {
      left_ = left_ << 8 | static_cast<unsigned char>(header_[i]);
    }
    header_.clear();
  }
}

}  // namespace tug::gatewayd
