// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"

namespace tug::runtimed {

// What HostConfig's cpusets may name, in the kernel's own form ("0-1,4").
struct OnlineUnits {
  std::string cpus;
  std::string memory_nodes;
};

// As the kernel has them now: they come and go while the host runs.
OnlineUnits ReadOnlineUnits();

// Whether `cpus` and `mems`, lists such as "0-2,7" or empty, name only what is
// online. INVALID_ARGUMENT (CONTAINER_SPEC_INVALID) in Docker's words.
absl::Status CheckCpusets(const std::string& cpus, const std::string& mems,
                          const OnlineUnits& online);

}  // namespace tug::runtimed
