// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"

namespace tug::imaged {

// Gives up everything that unpacking a layer does not need, for good: network
// and IPC namespaces of its own, `directory` as root, six capabilities, no new
// privileges, Landlock (kernels that have it) and a seccomp allow list. Called
// while there is one thread. Needs root.
absl::Status ConfineForLayer(int directory);

// For imaged itself: network and IPC namespaces of its own (unix sockets work
// across them), and only the capabilities that it and its unpackers need.
// Called while there is one thread. Needs root.
absl::Status ConfineService();

// As ConfineForLayer, for a process that only turns bytes into other bytes: no
// file, no directory, no capability.
absl::Status ConfineForFilter();

}  // namespace tug::imaged
