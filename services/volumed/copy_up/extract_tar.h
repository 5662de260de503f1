// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "lib/archive/stream.h"

namespace tug::volumed {

// Most entries of one archive.
inline constexpr size_t kMaxEntries = 16 * 1024 * 1024;
// Directories whose times are set at the end.
inline constexpr size_t kMaxDirectoryTimes = 1024 * 1024;

// Unpacks a whole tar stream into the empty directory `root`, which gets
// owner and mode of the archive's "./" entry. Nothing outside `root` can be
// reached: paths are resolved beneath it without symbolic links. The stream
// must end with tar's end mark, so that a sender's death is no success.
// INVALID_ARGUMENT (ARCHIVE_INVALID) for a bad archive; others for the disk.
absl::Status ExtractTar(archive::Source& source, int root);

}  // namespace tug::volumed
