// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "lib/sys/unique_fd.h"

namespace tug::cli {

// Which signals a foreground command takes itself.
enum class SignalSet {
  kResize,       // SIGWINCH.
  kForwardable,  // All that a container may get, and SIGWINCH.
};

// Blocks the signals in this thread (and those it starts later) and answers a
// signalfd. Called before other threads exist.
UniqueFd TakeSignals(SignalSet set);

// The next pending signal; 0 if there is none.
int NextSignal(int signal_fd);

// "SIGTERM" by number; "" for one without a name.
std::string SignalName(int number);

}  // namespace tug::cli
