// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "proto/tug/image/v1/image.pb.h"
#include "proto/tug/network/v1/network.pb.h"
#include "proto/tug/runtime/v1/container.pb.h"
#include "services/gatewayd/operations/container_locks.h"
#include "services/gatewayd/peers/peers.h"

namespace tug::gatewayd {

// What a user asks for.
struct ContainerDraft {
  // With or without a slash; empty: one is made up.
  std::string name;
  runtime::v1::Config config;
  runtime::v1::HostConfig host_config;
  std::vector<network::v1::Endpoint> endpoints;
  std::optional<image::v1::Platform> platform;
  // As CreateBody has it.
  bool binds_read_only_recursively = true;
};

struct CreatedContainer {
  std::string id;
  std::vector<std::string> warnings;
};

// Makes a container that can be started. If a step fails, nothing stays. A copy
// of an image's files to a volume, which may be long, ends with `client_gone`
// (may be null).
absl::StatusOr<CreatedContainer> CreateContainer(
    const Peers& peers, ContainerLocks& locks, ContainerDraft draft,
    Cancellation* client_gone = nullptr);

// `name` without a slash; Docker's words when it is no name.
absl::StatusOr<std::string> CheckContainerName(const std::string& name);

}  // namespace tug::gatewayd
