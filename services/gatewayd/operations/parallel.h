// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "absl/status/status.h"

namespace tug::gatewayd {

// Runs all steps at once, the first on this thread, and waits for all of them.
// Answers the first failure in the order given.
absl::Status RunParallel(std::vector<std::function<absl::Status()>> steps);

}  // namespace tug::gatewayd
