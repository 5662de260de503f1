// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace tug::tugd {

struct Program {
  std::string path;
  std::vector<std::string> arguments;    // Without the name.
  std::vector<std::string> environment;  // NAME=value; nothing is inherited.
  // Become descriptors 3, 4, ... of the program; stay the caller's.
  std::vector<int> fds;
};

// posix_spawn(3) with default signal handling and nothing blocked.
absl::StatusOr<pid_t> Spawn(const Program& program);

}  // namespace tug::tugd
