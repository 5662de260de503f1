// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "services/registryd/config.pb.h"

namespace tug::registryd {

// Leaves the process sockets to the world, and of files the reading of settings
// and certificates. Certificates that are links to somewhere else than /etc or
// /usr are those that are there now. For good; called while there is one
// thread.
absl::Status KeepNeededRights(const Config& config);

}  // namespace tug::registryd
