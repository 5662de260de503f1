// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"

namespace tug::netd::dns {

// Leaves the calling process, which has one thread, no system call but those
// that answering questions on open sockets takes: no file and no socket is
// opened, nothing is connected or executed. For good.
absl::Status ConfineResolver();

}  // namespace tug::netd::dns
