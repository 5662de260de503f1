// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "lib/sys/unique_fd.h"

namespace tug {

// The listening socket that the parent handed over under `name`
// (sd_listen_fds(3): LISTEN_FDS, LISTEN_FDNAMES; LISTEN_PID may be absent);
// absent if none. Each is given once: where several have one name, call again
// until none is left. Thread-safe.
std::optional<UniqueFd> TakeListenFd(const std::string& name);

// The next one that is left, whatever its name.
std::optional<UniqueFd> TakeAnyListenFd();

// Whether any was handed over that is not taken yet.
bool HasListenFds();

// Takes charge of what was handed over (close-on-exec, out of the
// environment). RunProgram calls it while there is one thread.
void AdoptListenFds();

// Binds and listens on a unix socket (non-blocking); replaces a stale one.
// `mode` such as 0660. FAILED_PRECONDITION if `path` is something else.
absl::StatusOr<UniqueFd> ListenUnix(const std::string& path, unsigned mode);

}  // namespace tug
