// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/sys/unique_fd.h"

namespace tug::tugd {

// Listens without TLS on "127.0.0.1:2375" or "[::1]:2375". Whoever reaches the
// port is root on this machine, hence INVALID_ARGUMENT unless `allowed` and on
// loopback.
absl::StatusOr<UniqueFd> ListenLoopbackTcp(absl::string_view address,
                                           bool allowed);

}  // namespace tug::tugd
