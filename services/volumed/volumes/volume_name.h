// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace tug::volumed {

inline constexpr size_t kMaxVolumeName = 255;

// Two or more of [a-zA-Z0-9][a-zA-Z0-9_.-]; so a name is one path component
// and neither "." nor "..". INVALID_ARGUMENT (VOLUME_NAME_INVALID).
absl::Status CheckVolumeName(absl::string_view name);

}  // namespace tug::volumed
