// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace tug::runtimed {

// Kernel files that say too much about the host, or let a container change
// it; the thermal counters of each CPU that has them included.
std::vector<std::string> DefaultMaskedPaths();

std::vector<std::string> DefaultReadonlyPaths();

}  // namespace tug::runtimed
