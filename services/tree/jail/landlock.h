// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"

namespace tug::tree {

// Files may be written below `directory` (kNoDirectory: nowhere) and touched
// nowhere else, no port bound or connected to, no process outside signalled.
// As much of that as the kernel's version of Landlock knows; without Landlock
// the other walls of the jail stand.
absl::Status RestrictToDirectory(int directory);

}  // namespace tug::tree
