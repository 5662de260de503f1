// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "lib/cgroup/cgroup.h"
#include "lib/kernel/capability.h"

namespace tug::runtimed {

// What specs depend on and only the host knows. Read once at start-up.
struct HostFacts {
  kernel::CapabilitySet capabilities = 0;
  cgroup::Version cgroup_version = cgroup::Version::kV1;
  cgroup::Support support;
  bool apparmor = false;
  bool time_namespaces = false;
  std::string host_name;
  // Static init for containers that want one (HostConfig.init).
  std::string init_path;
};

HostFacts ReadHostFacts(const cgroup::CgroupTree& tree, std::string init_path);

}  // namespace tug::runtimed
