// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/client/engine.h"
#include "cli/options/container_options.h"

namespace tug::cli {

// POST /containers/create with a pull where the image is missing (or as
// --pull says). Prints the engine's warnings; writes --cidfile. Answers the id.
absl::StatusOr<std::string> CreateContainer(
    const Engine& engine, const ContainerOptions& options,
    const std::string& image, const std::vector<std::string>& command);

}  // namespace tug::cli
