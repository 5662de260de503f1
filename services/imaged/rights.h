// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"

namespace tug::imaged {

// Where imaged has business.
struct Places {
  std::string state;          // Its own state directory, which exists.
  std::string run_directory;  // Of all sockets.
  std::string tree_program;   // Path.
  // tugd has made its sockets, so that it makes none in `run_directory`.
  bool has_sockets;
};

// Gives up, for good, what imaged does not need: network, IPC and mount
// namespaces of its own, in which its state holds no usable device or program
// and of all sockets in the run directory there are registryd's alone (unix
// sockets work across network namespaces); only the capabilities that it and
// its tug-trees need; files by Landlock; system calls by an allow list. Its
// children inherit all this. Called while there is one thread. Needs root.
absl::Status KeepNeededRights(const Places& places);

}  // namespace tug::imaged
