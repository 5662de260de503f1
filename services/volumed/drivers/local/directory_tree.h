// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/sys/unique_fd.h"

namespace tug::volumed {

// Opens the directory `name` in `parent`, never through a symbolic link.
absl::StatusOr<UniqueFd> OpenDirectory(int parent, const std::string& name);

// Opens `path` below `root`; symbolic links and ".." out of it are refused.
absl::StatusOr<UniqueFd> OpenBeneath(int root, const std::string& path,
                                     int flags);

// Makes a directory of exactly this mode (whatever the umask) and opens it; an
// existing one is opened as it is.
absl::StatusOr<UniqueFd> MakeDirectory(int parent, const std::string& name,
                                       unsigned mode);

// Whether a directory has no entries.
absl::StatusOr<bool> IsEmptyDirectory(int directory);

}  // namespace tug::volumed
