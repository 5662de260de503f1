// SPDX-License-Identifier: Apache-2.0
//
// Fields that are kept and shown, but not acted on yet. Each warns at create.
#pragma once

#include <string>
#include <vector>

#include "proto/tug/runtime/v1/container_config.pb.h"

namespace tug::gatewayd {

// Appends one text for each such field that asks for something.
void AddUnsupportedWarnings(const runtime::v1::HostConfig& host,
                            std::vector<std::string>& warnings);

}  // namespace tug::gatewayd
