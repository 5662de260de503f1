// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/gatewayd/server/request_context.h"

namespace tug::gatewayd {

// Streams all bytes of `source` as the body of the response, which it starts
// with `content_type`. CANCELLED when the client leaves.
absl::Status StreamBody(RequestContext& context, absl::string_view content_type,
                        int source);

}  // namespace tug::gatewayd
