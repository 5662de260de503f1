// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "lib/archive/stream.h"

namespace tug::archive {

// Decompresses zstd frames; windows above 128 MiB are refused.
std::unique_ptr<Source> NewZstdSource(std::unique_ptr<Source> source);

}  // namespace tug::archive
