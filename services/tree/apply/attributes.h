// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "lib/archive/tar_entry.h"

namespace tug::tree {

// Owner, mode and extended attributes of an open file or directory.
absl::Status SetAttributes(int fd, const archive::TarEntry& entry);

// The extended attributes of `entry` that an archive may set.
absl::Status SetXattrs(int fd, const archive::TarEntry& entry);

// Modification time of an open file.
absl::Status SetTime(int fd, const archive::TarEntry& entry);

// Modification time of `name` in `parent`, which is not followed.
absl::Status SetTimeOfNode(int parent, const std::string& name,
                           const archive::TarEntry& entry);

// Owner, mode (not of a symbolic link) and time of `name` in `parent`, which
// is no file and no directory; adds its blocks to `bytes`.
absl::Status SetAttributesOfNode(int parent, const std::string& name,
                                 const archive::TarEntry& entry,
                                 int64_t& bytes);

// Whether an archive may set this attribute: user.*, security.capability and
// POSIX ACLs. Overlay's own (trusted.*, user.overlay.*) would let an archive
// redirect lookups; labels of security modules belong to the host.
bool IsAllowedXattr(absl::string_view name);

}  // namespace tug::tree
