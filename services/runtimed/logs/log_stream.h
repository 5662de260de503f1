// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

#include "absl/status/statusor.h"
#include "services/runtimed/logs/log_encoder.h"
#include "services/runtimed/runtime/runtime.h"

namespace tug::runtimed {

// Writes the log into the stream socket `out`, for a client that is to go on
// live, until `connect`, given the size of the log up to which it has written,
// does not answer ABORTED (the log is longer by now) any more; answers what it
// says. Blocks.
absl::Status WriteLogsThen(
    Runtime& rt, const ContainerRecord& record, const LogSelection& selection,
    int out, const std::function<absl::Status(int64_t size)>& connect);

// Runs `task` on a thread of its own. RESOURCE_EXHAUSTED beyond
// kMaxLogThreads.
inline constexpr int kMaxLogThreads = 512;
absl::Status StartLogThread(std::function<void()> task);

}  // namespace tug::runtimed
