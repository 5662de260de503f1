// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "boost/json/array.hpp"
#include "proto/tug/runtime/v1/container.pb.h"

namespace tug::gatewayd {

// "Mounts" of lists and inspect.
boost::json::array EncodeMounts(const runtime::v1::Container& container);

}  // namespace tug::gatewayd
