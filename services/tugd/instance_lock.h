// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "lib/sys/unique_fd.h"

namespace tug::tugd {

// Locks `<run_directory>/tugd.pid`, which then holds this process's pid, for
// as long as the descriptor is open. FAILED_PRECONDITION while another tugd
// has it.
absl::StatusOr<UniqueFd> LockInstance(const std::string& run_directory);

}  // namespace tug::tugd
