// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/time/time.h"
#include "services/runtimed/runtime/runtime.h"

namespace tug::runtimed {

// The container's stop signal: its own or SIGTERM.
int StopSignalOf(const runtime::v1::Container& container);

// Sends `signal` to the first process and publishes "kill". A frozen container
// is thawed when `thaw`: it could not act on the signal.
absl::Status SendSignal(Runtime& rt, const ContainerRecord& record, int signal,
                        bool thaw);

// Waits until `watcher` sees an end; false at the deadline.
bool AwaitEnd(const ExitWatch::Watcher& watcher, absl::Time deadline);

// SIGKILL by the shim, then to everything in the cgroup; DEADLINE_EXCEEDED if
// the container has not ended after 10 s. `watcher` was made before the
// decision to kill. Without the operation lock.
absl::Status KillAndAwait(Runtime& rt, const ContainerRecord& record,
                          const ExitWatch::Watcher& watcher);

}  // namespace tug::runtimed
