// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "services/runtimed/runtime/runtime.h"

namespace tug::runtimed {

// The end of an exec, as the shim tells it: stores the code, lets the shim
// forget it, publishes "exec_die"; five minutes later it is forgotten here.
void HandleExecExit(Runtime& rt, const std::string& container_id,
                    const std::string& exec_id, int exit_code);

// Forgets an ended exec in five minutes.
void ForgetExecLater(Runtime& rt, const std::string& exec_id);

// Forgets all execs of a container, at once.
void ForgetExecsOf(Runtime& rt, const std::string& container_id);

// After a restart of this service: the ended ones among a container's execs
// are forgotten later, as they would have been.
void ForgetEndedExecsLater(Runtime& rt, const std::string& container_id);

// The container has ended: whatever still runs of its execs, according to us,
// was killed with it.
void EndExecsOf(Runtime& rt, const std::string& container_id);

// A shim reports an exec that runs, after a restart of this service.
void ReviveExec(Runtime& rt, const std::string& container_id,
                const std::string& exec_id, int pid);

}  // namespace tug::runtimed
