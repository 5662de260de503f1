// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"

namespace tug {

// When tugd started this process (environment variable TUGD_PID): asks the
// kernel for SIGTERM when tugd dies. CANCELLED if it has died already. Must
// follow every change of user, which takes the request back. Without TUGD_PID
// it does nothing.
absl::Status EndWithParent();

}  // namespace tug
