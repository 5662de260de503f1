// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "services/runtimed/runtime/runtime.h"

namespace tug::runtimed {

// Begins to probe a container that has just started, if it has a probe.
void StartHealthProbes(Runtime& rt, const ContainerRecord& record);

}  // namespace tug::runtimed
