// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "services/gatewayd/server/api_version.h"

namespace tug::gatewayd {

struct CreateBody;

// Forgets what `version` does not know yet, as Docker does, so that an old
// client's stray field has no effect; refuses, in Docker's words, what would
// mean something else without it.
absl::Status DropNewerFields(ApiVersion version, CreateBody& body);

}  // namespace tug::gatewayd
