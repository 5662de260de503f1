// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"

namespace tug::volumed {

// Gives up, for good, every capability but those that volumes need. Called
// while there is one thread.
absl::Status KeepNeededCapabilities();

}  // namespace tug::volumed
