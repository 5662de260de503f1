// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "proto/tug/network/v1/network.pb.h"
#include "proto/tug/runtime/v1/container.pb.h"
#include "services/gatewayd/peers/peers.h"

namespace tug::gatewayd {

// What the user should know of the links of a container that is being made:
// those of the default bridge are old, and one to a container that is not on
// the same network resolves to nothing.
std::vector<std::string> LinkWarnings(
    const Peers& peers, const runtime::v1::HostConfig& host,
    const std::vector<network::v1::Endpoint>& endpoints);

}  // namespace tug::gatewayd
