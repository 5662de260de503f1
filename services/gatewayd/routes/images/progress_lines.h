// SPDX-License-Identifier: Apache-2.0
//
// Docker's progress objects: {"status":...,"progressDetail":...,"id":...}.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "boost/json/object.hpp"
#include "proto/tug/image/v1/image.pb.h"
#include "services/gatewayd/server/request_context.h"

namespace tug::gatewayd {

boost::json::object StatusLine(absl::string_view status);

// The line of one layer; empty for a state that Docker does not show.
boost::json::object LayerLine(const image::v1::LayerProgress& progress);

// The lines of one pull. What only waits or is there already is held back until
// some layer really moves: a pull with nothing to do shows no layers.
class LayerLines {
 public:
  // The lines that are due now.
  std::vector<boost::json::object> Take(const image::v1::LayerProgress& layer);
  // All that is held back.
  std::vector<boost::json::object> Flush();

 private:
  // In order of arrival; at most one a layer.
  std::vector<image::v1::LayerProgress> held_;
  bool moving_ = false;
};

// {"error":...,"errorDetail":{"message":...}}: an error behind the first byte.
boost::json::object ErrorLine(absl::string_view message);

// Reports `status` in-band when the stream has begun; otherwise returns it, to
// become a status code.
absl::Status FinishWithError(JsonLines& lines, RequestContext& context,
                             const absl::Status& status);

}  // namespace tug::gatewayd
