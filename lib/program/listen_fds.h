// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "lib/sys/unique_fd.h"

namespace tug {

// The listening socket that the parent handed over under `name`
// (sd_listen_fds(3): LISTEN_PID is not required, LISTEN_FDS, LISTEN_FDNAMES);
// absent if none. Can be taken once.
std::optional<UniqueFd> TakeListenFd(const std::string& name);

// Binds and listens on a unix socket; replaces a stale one. `mode` such as
// 0660.
absl::StatusOr<UniqueFd> ListenUnix(const std::string& path, unsigned mode);

}  // namespace tug
