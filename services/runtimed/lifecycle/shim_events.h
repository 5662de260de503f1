// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "services/runtimed/runtime/runtime.h"

namespace tug::runtimed {

// Sorts what the shim of one start tells to the operations that handle it, on
// the executor's threads. `pidfd` (borrowed) is the shim's: it is collected
// when its connection has ended.
ShimObserver ObserverOf(Runtime& rt, const std::string& id,
                        int64_t start_number, int pidfd);

}  // namespace tug::runtimed
