// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace tug::runtimed {

// INVALID_ARGUMENT (CONTAINER_SPEC_INVALID).
absl::Status SpecError(absl::string_view text);

}  // namespace tug::runtimed
