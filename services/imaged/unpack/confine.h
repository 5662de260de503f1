// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"

namespace tug::imaged {

// Gives up everything that unpacking a layer does not need, for good: network
// and IPC namespaces of its own, `directory` as root, six capabilities, no new
// privileges, Landlock (kernels that have it) and a seccomp allow list. Called
// while there is one thread. Needs root.
absl::Status ConfineForLayer(int directory);

// As ConfineForLayer, for a process that only turns bytes into other bytes: no
// file, no directory, no capability.
absl::Status ConfineForFilter();

}  // namespace tug::imaged
