// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "services/gatewayd/server/api_version.h"

namespace tug::gatewayd {

struct CreateBody;

// Forgets what `version` does not know yet, as Docker does, so that an old
// client's stray field has no effect.
void DropNewerFields(ApiVersion version, CreateBody& body);

}  // namespace tug::gatewayd
