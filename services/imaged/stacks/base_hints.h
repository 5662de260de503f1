// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/sys/unique_fd.h"
#include "services/tree/apply/base_hint.h"

namespace tug::imaged {

// What the layers `below` (uppermost first) have at the paths that a layer's
// archive did not describe. As in Docker the uppermost layer that has anything
// there decides: a directory, also one that it reaches through its own symbolic
// links, is described, anything else is not, because it is replaced. Trivial
// hints are left out. CANCELLED.
absl::StatusOr<tree::BaseHints> FindBaseHints(
    const std::vector<UniqueFd>& below,
    const std::vector<std::string>& implicit,
    const std::function<bool()>& cancelled);

}  // namespace tug::imaged
