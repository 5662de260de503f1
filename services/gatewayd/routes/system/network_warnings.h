// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "proto/tug/network/v1/network.pb.h"

namespace tug::gatewayd {

// What users should know of how this host treats the packets of containers:
// each names who is in the way and what to do.
std::vector<std::string> NetworkWarnings(
    const network::v1::HostNetworking& networking);

}  // namespace tug::gatewayd
