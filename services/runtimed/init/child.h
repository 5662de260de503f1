// SPDX-License-Identifier: Apache-2.0
//
// The child's side of a start: from clone to exec.
#pragma once

#include "services/runtimed/init/context.h"

namespace tug::runtimed {

// Runs all steps for `context.plan` (container or exec) and execs; on failure
// reports to `context.report_socket` and exits. Call it in the cloned child,
// with all signals blocked.
[[noreturn]] void RunChild(InitContext& context);

}  // namespace tug::runtimed
