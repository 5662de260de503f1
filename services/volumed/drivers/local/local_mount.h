// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/volumed/drivers/local/local_options.h"

namespace tug::volumed {

// Whether the directory is where something is mounted.
absl::StatusOr<bool> IsMountPoint(int parent, const std::string& name);

// Mounts what the options say over `name` in `parent`. `shown` is its path,
// for errors. FAILED_PRECONDITION (VOLUME_MOUNT_FAILED). May block on DNS and
// network.
absl::Status MountOver(int parent, const std::string& name,
                       const LocalOptions& options, const std::string& shown);

// Takes all mounts off `name`; none is no error.
absl::Status UnmountAll(int parent, const std::string& name);

}  // namespace tug::volumed
