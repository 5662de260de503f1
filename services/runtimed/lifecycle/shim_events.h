// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "services/runtimed/lifecycle/runtime.h"

namespace tug::runtimed {

// Sorts what the shim of one start tells to the operations that handle it, on
// the executor's threads.
ShimObserver ObserverOf(Runtime& rt, const std::string& id,
                        int64_t start_number);

}  // namespace tug::runtimed
