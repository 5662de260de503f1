// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/strings/string_view.h"

namespace tug::runtimed {

// Whether this kernel is `version` ("4.8") or newer.
bool KernelIsAtLeast(absl::string_view version);

}  // namespace tug::runtimed
