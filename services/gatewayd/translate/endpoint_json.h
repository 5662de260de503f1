// SPDX-License-Identifier: Apache-2.0
//
// Docker's EndpointSettings.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "boost/json/object.hpp"
#include "boost/json/value.hpp"
#include "proto/tug/network/v1/network.pb.h"
#include "services/gatewayd/translate/json_codec.h"

namespace tug::gatewayd {

// {"EndpointsConfig": {"net": {...}}}, sorted by network name.
absl::StatusOr<std::vector<network::v1::Endpoint>> DecodeNetworkingConfig(
    const boost::json::object& config);

// One EndpointSettings; `path` is that of the settings, for errors ("" or
// "EndpointConfig."). `network_name` is left to the caller.
absl::StatusOr<network::v1::Endpoint> DecodeEndpoint(
    const boost::json::object& settings, const std::string& path);

// The settings of an inspect. The requested MAC address is shown while there
// is no effective one.
boost::json::object EncodeEndpoint(const network::v1::Endpoint& endpoint);

// The same as container lists show it: without links, aliases, options and
// DNS names.
boost::json::object EncodeEndpointSummary(
    const network::v1::Endpoint& endpoint);

}  // namespace tug::gatewayd
