// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "services/netd/background/worker.h"

namespace tug::netd {

// A client that never stops sending keeps a tracked flow alive that knows
// nothing of a port published since, or leads to its last owner. Makes the
// kernel forget such flows, behind the caller's back.
void ForgetUdpFlows(Worker& worker, const std::vector<uint16_t>& host_ports);

}  // namespace tug::netd
