// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "lib/archive/stream.h"

namespace tug::tree {

// Passes a tar on and sees whether it ends with tar's mark, two blocks of
// zeros: a sender that died half way must not look like one that was done.
// Borrows the source. Not thread-safe.
class EndMarkSource final : public archive::Source {
 public:
  explicit EndMarkSource(archive::Source& source) : source_(source) {}

  absl::StatusOr<size_t> Read(char* buffer, size_t size) override {
    const absl::StatusOr<size_t> count = source_.Read(buffer, size);
    if (!count.ok()) return count;
    size_t zeros = 0;
    while (zeros < *count && buffer[*count - 1 - zeros] == 0) ++zeros;
    zeros_ = zeros == *count ? zeros_ + static_cast<int64_t>(zeros)
                             : static_cast<int64_t>(zeros);
    return count;
  }

  bool marked() const { return zeros_ >= kEndMarkBytes; }

 private:
  static constexpr int64_t kEndMarkBytes = 1024;

  archive::Source& source_;
  int64_t zeros_ = 0;
};

}  // namespace tug::tree
