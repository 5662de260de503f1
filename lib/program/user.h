// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"

namespace tug {

// Becomes `name` with its groups, for good: no capability is left, and none
// can come back (no_new_privs, an empty bounding set). Called while there is
// one thread. NOT_FOUND if there is no such user.
absl::Status BecomeUser(const std::string& name);

}  // namespace tug
