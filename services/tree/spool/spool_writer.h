// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "lib/archive/stream.h"
#include "lib/archive/tar_reader.h"

namespace tug::tree {

// Writes all of a tar as frames (spool_format.h). Sparse files are refused: no
// blob is one.
absl::Status WriteSpool(archive::TarReader& reader, archive::Sink& sink);

}  // namespace tug::tree
