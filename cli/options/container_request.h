// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "boost/json.hpp"
#include "cli/options/container_options.h"

namespace tug::cli {

// What the request takes from where the command runs.
struct CallerContext {
  std::string directory;  // For "-v ./x:/y".
  unsigned terminal_height = 0;
  unsigned terminal_width = 0;
};

// The body of POST /containers/create. `command` follows the image's name.
// INVALID_ARGUMENT has Docker's words where users know them.
absl::StatusOr<boost::json::object> BuildContainerRequest(
    const ContainerOptions& options, const std::string& image,
    const std::vector<std::string>& command, const CallerContext& caller);

}  // namespace tug::cli
