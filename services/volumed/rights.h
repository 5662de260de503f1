// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"

namespace tug::volumed {

// Gives up, for good, every capability but those that volumes need, and every
// system call but those. It stays in the host's mount namespace, since its
// mounts are for others to use. Called while there is one thread.
absl::Status KeepNeededRights();

}  // namespace tug::volumed
