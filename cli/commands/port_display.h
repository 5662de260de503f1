// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "boost/json.hpp"

namespace tug::cli {

// The PORTS column of ps: "0.0.0.0:8080->80/tcp, 443/tcp"; neighbouring ports
// are shown as a range.
std::string DisplayPorts(const boost::json::array& ports);

}  // namespace tug::cli
