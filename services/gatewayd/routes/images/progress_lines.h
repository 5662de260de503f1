// SPDX-License-Identifier: Apache-2.0
//
// Docker's progress objects: {"status":...,"progressDetail":...,"id":...}.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "boost/json/object.hpp"
#include "proto/tug/image/v1/image.pb.h"
#include "services/gatewayd/server/request_context.h"

namespace tug::gatewayd {

boost::json::object StatusLine(absl::string_view status);

// The line of one layer; empty for a state that Docker does not show.
boost::json::object LayerLine(const image::v1::LayerProgress& progress);

// {"error":...,"errorDetail":{"message":...}}: an error behind the first byte.
boost::json::object ErrorLine(absl::string_view message);

// Reports `status` in-band when the stream has begun; otherwise returns it, to
// become a status code.
absl::Status FinishWithError(JsonLines& lines, RequestContext& context,
                             const absl::Status& status);

}  // namespace tug::gatewayd
