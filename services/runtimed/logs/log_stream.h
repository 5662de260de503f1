// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/runtimed/runtime/runtime.h"

namespace tug::runtimed {

// Which lines a reader wants, and how.
struct LogSelection {
  bool stdout = true;
  bool stderr = true;
  bool follow = false;
  bool timestamps = false;
  bool details = false;
  absl::Time since = absl::InfinitePast();
  absl::Time until = absl::InfiniteFuture();
  std::optional<int64_t> tail;
};

// Writes the log into the stream socket `out`: Docker's frames, or raw bytes
// with a terminal. Blocks; following ends when the container has ended, at
// `until`, when the client leaves, or when `cancel` (an eventfd, or -1) becomes
// readable.
absl::Status WriteLogs(Runtime& rt, const ContainerRecord& record,
                       const LogSelection& selection, int out, int cancel = -1);

// The same without following, for a client that is to go on live. Writes until
// `connect`, given the size of the log up to which it has written, does not
// answer ABORTED (the log is longer by now) any more; answers what it says.
absl::Status WriteLogsThen(
    Runtime& rt, const ContainerRecord& record, const LogSelection& selection,
    int out, const std::function<absl::Status(int64_t size)>& connect);

// Runs `task` on a thread of its own. RESOURCE_EXHAUSTED beyond
// kMaxLogThreads.
inline constexpr int kMaxLogThreads = 512;
absl::Status StartLogThread(std::function<void()> task);

}  // namespace tug::runtimed
