// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/sys/unique_fd.h"

namespace tug {

// A signalfd that becomes readable at SIGTERM or SIGINT (which RunProgram has
// blocked). Each call makes a new one.
UniqueFd ShutdownSignalFd();

}  // namespace tug
