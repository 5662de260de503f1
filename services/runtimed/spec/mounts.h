// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/cgroup/cgroup.h"
#include "proto/tug/runtime/v1/container.pb.h"
#include "services/runtimed/init/launch_plan_builder.h"
#include "services/runtimed/spec/namespaces.h"

namespace tug::runtimed {

// What the mounts of a container follow from.
struct MountInput {
  const runtime::v1::Container& container;
  const NamespaceChoices& namespaces;
  // Host paths; empty: not bound.
  std::string hostname_path;
  std::string hosts_path;
  std::string resolv_conf_path;
  // Host paths of volumes, by name.
  std::map<std::string, std::string> volume_paths;
};

struct ContainerMounts {
  std::vector<MountSpec> mounts;
  PlanPropagation root_propagation = PlanPropagation::kRecursivePrivate;
  // The container has our /dev, to be filled.
  bool own_dev = true;
};

// The defaults, then the user's by depth of path; a user's mount replaces a
// default one on the same target.
absl::StatusOr<ContainerMounts> MountsOf(const MountInput& input);

// Form, propagation, options; and whether sources of binds exist.
// INVALID_ARGUMENT (CONTAINER_SPEC_INVALID).
absl::Status CheckMounts(const runtime::v1::Container& container);

// Makes the missing source directories of binds that ask for it.
absl::Status CreateSources(const runtime::v1::Container& container);

}  // namespace tug::runtimed
