// SPDX-License-Identifier: Apache-2.0
//
// How a file that a container's root owns is opened.
#pragma once

#include <fcntl.h>

namespace tug::sys {

// Flags beside the mode: never so that it has to be waited for. The owner may
// hold a lease on the file, and whoever opens it then waits for
// /proc/sys/fs/lease-break-time, 45 s, again and again (fcntl(2), F_SETLEASE);
// and a FIFO waits for its other end. With these the first fails with
// EWOULDBLOCK at once.
inline constexpr int kNeverWait = O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

}  // namespace tug::sys
