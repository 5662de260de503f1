// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "boost/json/object.hpp"
#include "boost/json/value.hpp"
#include "proto/tug/network/v1/network.pb.h"
#include "services/gatewayd/server/api_version.h"

namespace tug::gatewayd {

// One element of GET /networks.
boost::json::object EncodeNetwork(const network::v1::Network& network);

// GET /networks/{id}: also containers and, since 1.52, address usage.
boost::json::object EncodeNetworkInspect(const network::v1::Network& network,
                                         ApiVersion version);

// Body of POST /networks/create. INVALID_ARGUMENT with Docker's words.
absl::StatusOr<network::v1::CreateNetworkRequest> DecodeNetworkCreate(
    const boost::json::value& body);

// Body of connect and disconnect.
struct NetworkMembership {
  std::string container;
  bool force = false;
  network::v1::Endpoint endpoint;
};
absl::StatusOr<NetworkMembership> DecodeNetworkMembership(
    const boost::json::value& body);

}  // namespace tug::gatewayd
