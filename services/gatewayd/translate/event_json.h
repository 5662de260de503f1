// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "boost/json/object.hpp"
#include "proto/tug/event/v1/event.pb.h"
#include "services/gatewayd/server/api_version.h"
#include "services/gatewayd/translate/filters.h"

namespace tug::gatewayd {

// One line of GET /events; before 1.52 with the fields of the oldest clients.
boost::json::object EncodeEvent(const event::v1::Event& event,
                                ApiVersion version);

// Whether a client with these filters sees the event. Keys that mean nothing
// are ignored, as in Docker.
bool EventMatches(const Filters& filters, const event::v1::Event& event);

}  // namespace tug::gatewayd
