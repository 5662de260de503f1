// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "lib/cgroup/cgroup.h"
#include "proto/tug/runtime/v1/container_config.pb.h"

namespace tug::runtimed {

// How a container comes by one of its namespaces.
struct NamespaceChoice {
  enum class Kind { kNew, kHost, kContainer };
  Kind kind = Kind::kNew;
  // With kContainer: id, name or prefix as the user gave it.
  std::string container;
};

struct NamespaceChoices {
  NamespaceChoice network;
  NamespaceChoice pid;
  NamespaceChoice ipc;
  NamespaceChoice uts;
  NamespaceChoice cgroup;
};

// Which namespaces of a container are the engine's own, and so the host's.
struct EngineNamespaces {
  bool network = false;
  bool ipc = false;
  bool uts = false;
};

// INVALID_ARGUMENT (CONTAINER_SPEC_INVALID) for a mode that does not exist.
absl::StatusOr<NamespaceChoices> NamespacesOf(
    const runtime::v1::HostConfig& host, cgroup::Version version);

// Whether two settings exclude each other, such as a host name of one's own in
// the host's UTS namespace.
absl::Status CheckNamespaces(const runtime::v1::Config& config,
                             const runtime::v1::HostConfig& host,
                             cgroup::Version version);

}  // namespace tug::runtimed
