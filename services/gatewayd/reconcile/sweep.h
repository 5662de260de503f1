// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "services/gatewayd/peers/peers.h"

namespace tug::gatewayd {

// The ids whose leases and records do not fit together, or with `all` every
// id there is. Reads only; leases first, so that one whose record comes into
// being meanwhile is not taken for an orphan.
absl::StatusOr<std::set<std::string>> FindUnsettled(const Peers& peers,
                                                    bool all);

}  // namespace tug::gatewayd
