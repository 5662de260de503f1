// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "boost/json/object.hpp"
#include "services/gatewayd/peers/image_client.h"

namespace tug::gatewayd {

// Adds "SizeRw" and "SizeRootFs"; zeros when they cannot be measured.
void AddSizes(SnapshotClient& snapshots, const std::string& id,
              boost::json::object& object);

}  // namespace tug::gatewayd
