// SPDX-License-Identifier: Apache-2.0
//
// Docker's container bodies: create, update, and the parts of inspect.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "boost/json/object.hpp"
#include "boost/json/value.hpp"
#include "proto/tug/network/v1/network.pb.h"
#include "proto/tug/runtime/v1/container.pb.h"
#include "proto/tug/runtime/v1/container_config.pb.h"
#include "services/gatewayd/server/api_version.h"

namespace tug::gatewayd {

// What POST /containers/create carries, shaped for its version: fields newer
// than that are dropped. No defaults are filled in.
struct CreateBody {
  runtime::v1::Config config;
  runtime::v1::HostConfig host_config;
  // Network names and settings as asked for, sorted by name.
  std::vector<network::v1::Endpoint> endpoints;
  // Whether a bind that is read-only makes what is mounted below it read-only,
  // too, when the mount itself does not say.
  bool binds_read_only_recursively = true;
  // Fields that are kept but do nothing, and Docker's own warnings.
  std::vector<std::string> warnings;
};

// INVALID_ARGUMENT with Docker's words.
absl::StatusOr<CreateBody> DecodeCreateBody(const boost::json::value& body,
                                            ApiVersion version);

// POST /containers/{id}/update: resources and RestartPolicy at the top. Docker
// cannot tell "not given" from zero, so zero, "" and null are not given; -1 is
// "no limit", and so is 0 of PidsLimit. Without the id.
absl::StatusOr<runtime::v1::UpdateContainerRequest> DecodeUpdateBody(
    const boost::json::value& body);

// "Config" and "HostConfig" of an inspect.
boost::json::object EncodeConfig(const runtime::v1::Config& config,
                                 ApiVersion version);
boost::json::object EncodeHostConfig(const runtime::v1::HostConfig& config,
                                     ApiVersion version);

}  // namespace tug::gatewayd
