// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"

namespace tug::netd {

// Leaves the calling process, which has one thread yet, the capabilities that
// networks take and no system call by which the rest of the host is changed:
// nothing is executed, mounted, traced or loaded. For good.
absl::Status KeepOnlyNetworkRights();

}  // namespace tug::netd
