// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "lib/archive/tar_entry.h"

namespace tug::volumed {

// Owner, mode and extended attributes of an open file or directory.
absl::Status SetAttributes(int fd, const archive::TarEntry& entry);

// Owner, mode and time of a link or node, which is not opened.
absl::Status SetNodeAttributes(int parent, const std::string& name,
                               const archive::TarEntry& entry);

absl::Status SetTime(int fd, const archive::TarEntry& entry);

}  // namespace tug::volumed
