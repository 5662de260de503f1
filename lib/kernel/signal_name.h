// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tug::kernel {

// The number of "SIGTERM", "term", "15", "SIGRTMIN+3" or "RTMAX-1".
// INVALID_ARGUMENT (SIGNAL_UNKNOWN) for anything else.
absl::StatusOr<int> ParseSignal(absl::string_view text);

}  // namespace tug::kernel
