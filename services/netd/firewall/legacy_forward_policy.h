// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace tug::netd {

// The FORWARD chains of the legacy iptables whose policy is DROP, of the
// calling thread's network namespace ("legacy ip filter FORWARD"). Looks only
// at tables that exist: to ask for one that does not would make it.
std::vector<std::string> FindLegacyForwardDrops();

}  // namespace tug::netd
