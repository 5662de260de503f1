// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "services/runtimed/runtime/runtime.h"

namespace tug::runtimed {

// Finds the containers again that ran when this service ended: connects to
// their shims, or takes the exit records that they left. Runs on threads of
// the executor, one task a container, while requests are served already.
void RecoverContainers(Runtime& rt);

// /proc/sys/kernel/random/boot_id.
std::string ReadBootId();

}  // namespace tug::runtimed
