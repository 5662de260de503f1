// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "services/runtimed/runtime/runtime.h"

namespace tug::runtimed {

// How a process ended.
struct ExitFacts {
  int exit_code = 0;
  bool oom_killed = false;
  absl::Time finished;
  // Why it is not known better; empty in the normal case.
  std::string error;
};

// The end of start number `start_number`: stores it (one synced write), lets
// the shim go, publishes "oom" and "die", and starts again or tidies up as the
// restart policy says. News of another start are dropped.
void HandleExit(Runtime& rt, const std::string& id, int64_t start_number,
                const ExitFacts& facts);

// The shim's connection has closed. If that start has not ended yet, the shim
// was killed: its exit record, or 137, is taken, and the cgroup killed.
void HandleShimEnd(Runtime& rt, const std::string& id, int64_t start_number);

// What the shim has left at `path`, if it has.
std::optional<ExitFacts> ReadExitRecord(const std::string& path);

}  // namespace tug::runtimed
