// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <linux/filter.h>

#include <cstddef>
#include <cstdint>

namespace tug::runtimed {

// What a finished filter says to a call of this machine's own kind:
// SECCOMP_RET_*. Where an instruction is not understood, or a call's further
// arguments matter, SECCOMP_RET_KILL_PROCESS. Async-signal-safe.
uint32_t SeccompVerdict(const sock_filter* program, size_t size, long call,
                        uint64_t first_argument, uint64_t second_argument);

}  // namespace tug::runtimed
