// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "lib/archive/stream.h"

namespace tug::archive {

// Decompresses xz or bzip2 with libarchive. These are rare in images, so that
// speed does not matter.
std::unique_ptr<Source> NewLibraryFilterSource(std::unique_ptr<Source> source);

}  // namespace tug::archive
