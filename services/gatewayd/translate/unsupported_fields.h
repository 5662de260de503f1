// SPDX-License-Identifier: Apache-2.0
//
// Fields that are kept and shown, but not acted on yet. Each warns at create.
#pragma once

#include <string>
#include <vector>

#include "proto/tug/network/v1/network.pb.h"
#include "proto/tug/runtime/v1/container_config.pb.h"

namespace tug::gatewayd {

// Appends one text for each such field that asks for something.
void AddUnsupportedWarnings(const runtime::v1::Config& config,
                            const runtime::v1::HostConfig& host,
                            const std::vector<network::v1::Endpoint>& endpoints,
                            std::vector<std::string>& warnings);

}  // namespace tug::gatewayd
