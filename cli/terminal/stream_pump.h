// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"

namespace tug::cli {

// One interactive session over a hijacked connection.
struct PumpOptions {
  int socket = -1;
  std::string buffered;     // Came with the answer's head.
  bool tty = false;         // Raw bytes instead of frames.
  bool send_input = false;  // Standard input goes to the container.
  bool show_output = true;
  bool show_errors = true;
  std::string detach_keys;  // Bytes; empty: off.
  int signal_fd = -1;
  std::function<void()> on_resize;
  std::function<void(int)> on_signal;
};

enum class PumpEnd { kClosed, kDetached };

// Moves bytes until the engine closes the connection or the detach sequence is
// typed. The end of the input closes our side only. Nothing is lost or
// buffered beyond one piece each way: who reads slowly slows the sender.
absl::StatusOr<PumpEnd> Pump(const PumpOptions& options);

}  // namespace tug::cli
