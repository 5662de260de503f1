// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/imaged/trees/merged_tree.h"
#include "services/imaged/unpack/base_hint.h"

namespace tug::imaged {

// What the layers in `below` have at the paths that a layer's archive did not
// describe, and at those that symbolic links there lead to. Trivial hints are
// left out.
absl::StatusOr<BaseHints> FindBaseHints(
    const MergedTree& below, const std::vector<std::string>& implicit);

}  // namespace tug::imaged
