// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

namespace tug::netd {

// The families (AF_INET, AF_INET6) in which this engine made the host forward,
// so that it has to keep strangers from using the host as a router; and for
// each the interfaces whose packets the host forwarded before, which it goes
// on doing.
using ForwardGuards = std::map<int, std::vector<std::string>>;

}  // namespace tug::netd
