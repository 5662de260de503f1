// SPDX-License-Identifier: Apache-2.0
//
// How a container is on its networks, as lists and inspect show it.
#pragma once

#include <vector>

#include "boost/json/array.hpp"
#include "boost/json/object.hpp"
#include "proto/tug/network/v1/network.pb.h"
#include "proto/tug/runtime/v1/container.pb.h"
#include "services/gatewayd/server/api_version.h"

namespace tug::gatewayd {

// The endpoints, one of the mode's own name for "host" and "none". `sandbox`
// may be null (mode "container:", or the network service is away).
std::vector<network::v1::Endpoint> EndpointsOf(
    const runtime::v1::Container& container,
    const network::v1::Sandbox* sandbox);

// "Ports" of a list: exposed ports, and published ones on each address.
boost::json::array EncodePortSummaries(const runtime::v1::Container& container,
                                       const network::v1::Sandbox* sandbox);

// "NetworkSettings" of an inspect.
boost::json::object EncodeNetworkSettings(
    const runtime::v1::Container& container,
    const network::v1::Sandbox* sandbox, ApiVersion version);

// Whether a process of it is alive.
bool IsRunning(const runtime::v1::Container& container);

}  // namespace tug::gatewayd
