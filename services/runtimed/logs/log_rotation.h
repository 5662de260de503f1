// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "services/runtimed/runtime/runtime.h"

namespace tug::runtimed {

// Gives the shim a new log file and renames the old ones: "<log>.1" is the
// newest of them. Keeps as many as the options say.
absl::Status RotateLog(Runtime& rt, const std::string& id);

// Completes a rotation that a crash has interrupted between the two steps. The
// caller holds the log's lock.
void FinishRotation(const std::string& path, int max_files);

}  // namespace tug::runtimed
