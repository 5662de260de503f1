// SPDX-License-Identifier: Apache-2.0
//
// Messages with file descriptors over AF_UNIX sockets (unix(7), SCM_RIGHTS).
// Async-signal-safe; every function answers a value >= 0 or -errno.
#pragma once

#include <cstddef>

#include "lib/sys/unique_fd.h"

namespace tug::sys {

// Most descriptors in one message.
inline constexpr size_t kMaxPassedFds = 16;

// Sends `size` bytes (at least 1) with `fd_count` descriptors, which stay the
// caller's. Answers the bytes sent.
long SendWithFds(int socket, const void* bytes, size_t size, const int* fds,
                 size_t fd_count);

// Receives one message. Received descriptors are close-on-exec and go into
// `fds` (room for `fd_capacity`); `*fd_count` tells how many came. Surplus
// ones are closed, and the answer is -EMSGSIZE. 0 means end of stream.
long ReceiveWithFds(int socket, void* bytes, size_t size, UniqueFd* fds,
                    size_t fd_capacity, size_t* fd_count);

}  // namespace tug::sys
