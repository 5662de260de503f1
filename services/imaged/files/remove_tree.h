// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"

namespace tug::imaged {

// Removes `name` in `directory` and everything below it; an absent name is OK.
// Follows no symbolic link, stays on one file system, and holds a fixed number
// of descriptors however deep the tree. The tree must not change meanwhile.
absl::Status RemoveTree(int directory, const std::string& name);

}  // namespace tug::imaged
