// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "boost/json/object.hpp"
#include "proto/tug/runtime/v1/container.pb.h"
#include "services/gatewayd/server/api_version.h"

namespace tug::gatewayd {

// One sample as Docker shows it; `previous` is the one before, or null.
boost::json::object EncodeStats(const runtime::v1::ContainerStats& stats,
                                const runtime::v1::ContainerStats* previous,
                                ApiVersion version);

}  // namespace tug::gatewayd
