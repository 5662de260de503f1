// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"

namespace tug::volumed {

// How the first content of a volume comes in.
struct CopyUp {
  std::string program;  // Path of tug-tree.
  // Most of the file system's free space that one copy may take.
  int max_space_percent = 80;
};

// Has tug-tree unpack the plain tar that `stream` brings into the empty
// directory, which gets owner and mode of the archive's "./" entry. The stream
// must end with tar's end mark, so that a sender's death is no success. May
// block for as long as the sender does; CANCELLED soon after `cancelled`
// answers true. INVALID_ARGUMENT (ARCHIVE_INVALID), RESOURCE_EXHAUSTED.
absl::Status FillVolume(const CopyUp& how, int stream, int directory,
                        const std::function<bool()>& cancelled);

}  // namespace tug::volumed
