// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"

namespace tug::netd {

// Leaves the calling process, which has one thread yet, what networks take:
// four capabilities, its own files, the settings below /proc/sys/net. For good.
absl::Status KeepOnlyNetworkRights(const std::string& state_directory,
                                   const std::string& run_directory);

}  // namespace tug::netd
