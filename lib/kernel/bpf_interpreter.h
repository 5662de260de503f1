// SPDX-License-Identifier: Apache-2.0
//
// Runs a classic BPF program on made-up system calls. For tests.
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>

#include <cstdint>
#include <initializer_list>
#include <vector>

namespace tug::kernel {

// The data of a call on this machine's own architecture.
seccomp_data NativeSeccompData(uint32_t number,
                               std::initializer_list<uint64_t> arguments);

// The verdict (SECCOMP_RET_*); 0, which kills, for a malformed program.
uint32_t InterpretSeccomp(const std::vector<sock_filter>& code,
                          const seccomp_data& data);

}  // namespace tug::kernel
