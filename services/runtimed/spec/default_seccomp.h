// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/kernel/capability.h"
#include "lib/kernel/seccomp_compile.h"

namespace tug::runtimed {

// What a container may call by default: an allow list whose gates open with
// the capabilities that it holds. The same verdicts as Docker's default.
kernel::SeccompPolicy DefaultSeccompPolicy(kernel::CapabilitySet capabilities);

}  // namespace tug::runtimed
