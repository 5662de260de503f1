// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/cgroup/cgroup.h"
#include "services/runtimed/containers/record.h"
#include "services/runtimed/init/launch_plan_builder.h"
#include "services/runtimed/spec/host_facts.h"
#include "services/runtimed/spec/namespaces.h"
#include "services/runtimed/spec/seccomp_cache.h"

namespace tug::runtimed {

// What a launch follows from beside the record.
struct LaunchInput {
  const ContainerRecord& record;
  const HostFacts& facts;
  SeccompCache& seccomp;
  const NamespaceChoices& namespaces;
  // Namespaces to join, in the order in which their descriptors are passed.
  std::vector<uint32_t> joined_flags;
  const cgroup::Location& cgroup;
  // Paths below the container's run directory.
  std::string socket_path;
  std::string exit_record_path;
  // Host name of the container whose network is shared, if any.
  std::string shared_hostname;
};

// Puts a container's record and its start request into the launch plan's
// terms.
absl::StatusOr<LaunchSpec> ContainerLaunchSpec(const LaunchInput& input);

// The same for an exec inside it.
absl::StatusOr<LaunchSpec> ExecLaunchSpec(const LaunchInput& input,
                                          const runtime::v1::ExecConfig& exec);

}  // namespace tug::runtimed
