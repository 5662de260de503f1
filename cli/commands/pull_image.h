// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "cli/client/engine.h"

namespace tug::cli {

struct PullOptions {
  std::string image;     // As the user wrote it.
  std::string platform;  // Empty: the host's.
  bool all_tags = false;
  bool quiet = false;
  int fd = 1;  // Where progress goes.
};

// Pulls an image, with the user's credentials, and shows the progress.
absl::Status PullImage(const Engine& engine, const PullOptions& options);

// "debian" as "debian:latest"; names with tag or digest stay.
std::string WithDefaultTag(const std::string& image);

}  // namespace tug::cli
