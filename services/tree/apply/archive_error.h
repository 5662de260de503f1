// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace tug::tree {

// INVALID_ARGUMENT: what an archive may not hold.
absl::Status InvalidArchive(absl::string_view why);

// The status of a failed system call (errno or -errno): INVALID_ARGUMENT where
// it says something about the archive, not about this host.
absl::Status ArchiveError(int error, absl::string_view what);

}  // namespace tug::tree
