// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/sys/unique_fd.h"

namespace tug {

// A signalfd that becomes readable at SIGTERM or SIGINT (which RunProgram has
// blocked). Each call makes a new one.
UniqueFd ShutdownSignalFd();

// Blocks both in the calling thread and those it starts later. Programs that
// are started by posix_spawn inherit the mask unless POSIX_SPAWN_SETSIGMASK
// clears it.
void BlockShutdownSignals();

}  // namespace tug
