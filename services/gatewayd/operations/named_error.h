// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace tug::gatewayd {

// A failure of another service as Docker would tell it about `subject`, with
// `prefix` before the text. For sequences, where the request's own subject is
// another noun. OK stays OK.
absl::Status NamedError(const absl::Status& status, absl::string_view subject,
                        absl::string_view prefix = "");

}  // namespace tug::gatewayd
