// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "proto/tug/runtime/v1/container_config.pb.h"
#include "services/runtimed/spec/namespaces.h"

namespace tug::runtimed {

// Kernel settings to write inside the container: the namespaced ones that the
// user asked for. INVALID_ARGUMENT (CONTAINER_SPEC_INVALID) for one that is
// not namespaced, that belongs to a namespace which the container shares with
// the host, or that holds a control character.
absl::StatusOr<std::vector<std::pair<std::string, std::string>>>
ContainerSysctls(const runtime::v1::HostConfig& host);

// FAILED_PRECONDITION if the setting `key` is of a namespace that is the
// engine's own. Asked at the start, of the namespaces themselves: the modes do
// not tell what "container:X" leads to.
absl::Status CheckSysctlNamespace(const std::string& key,
                                  const EngineNamespaces& of_engine);

}  // namespace tug::runtimed
