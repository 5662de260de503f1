// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "services/runtimed/runtime/runtime.h"

namespace tug::runtimed {

// Gives the shim a new log file and renames the old ones: "<log>.1" is the
// newest of them. Keeps as many as the options say.
absl::Status RotateLog(Runtime& rt, const std::string& id);

}  // namespace tug::runtimed
