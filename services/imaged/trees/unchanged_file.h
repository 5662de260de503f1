// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "lib/files/pinned_file.h"

namespace tug::imaged {

// Tells whether what a layer has under a name differs from what is below it,
// by the rules of Docker: owner, mode, device number and file capability; for
// anything but a directory also size and modification time. A directory's time
// is no change: it says only that something was made in it. Where both times
// are whole seconds, as archives have them, contents are compared.
class FileComparer {
 public:
  // Bytes that are read of each side, over all comparisons. Past that, files
  // that only their content could tell apart count as changed.
  static constexpr int64_t kMaxCompared = int64_t{1} << 30;

  bool Same(const PinnedFile& upper, const PinnedFile& lower);

 private:
  bool SameContent(const PinnedFile& upper, const PinnedFile& lower);

  int64_t compared_ = 0;
};

}  // namespace tug::imaged
