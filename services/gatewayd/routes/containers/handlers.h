// SPDX-License-Identifier: Apache-2.0
//
// The handlers of the table in container_routes.cc, by file.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/gatewayd/operations/container_locks.h"
#include "services/gatewayd/peers/peers.h"
#include "services/gatewayd/server/request_context.h"

namespace tug::gatewayd {

struct ContainerParts {
  const Peers& peers;
  ContainerLocks& locks;
};

// The container that the path names.
absl::StatusOr<runtime::v1::Container> FindContainer(
    const ContainerParts& parts, const RequestContext& context);

// Its full id; what is one already is not looked up: the call that follows
// tells an unknown one.
absl::StatusOr<std::string> FindContainerId(const ContainerParts& parts,
                                            const RequestContext& context);

// list_containers.cc, inspect_container.cc, create.cc
absl::Status ListContainers(const ContainerParts& parts,
                            RequestContext& context);
absl::Status InspectContainer(const ContainerParts& parts,
                              RequestContext& context);
absl::Status CreateFromBody(const ContainerParts& parts,
                            RequestContext& context);

// lifecycle.cc
absl::Status Start(const ContainerParts& parts, RequestContext& context);
absl::Status Stop(const ContainerParts& parts, RequestContext& context);
absl::Status Restart(const ContainerParts& parts, RequestContext& context);
absl::Status Kill(const ContainerParts& parts, RequestContext& context);
absl::Status Pause(const ContainerParts& parts, RequestContext& context);
absl::Status Unpause(const ContainerParts& parts, RequestContext& context);
absl::Status Rename(const ContainerParts& parts, RequestContext& context);
absl::Status Remove(const ContainerParts& parts, RequestContext& context);

// update.cc, prune.cc
absl::Status Update(const ContainerParts& parts, RequestContext& context);
absl::Status Prune(const ContainerParts& parts, RequestContext& context);

// attach.cc, logs.cc, wait.cc
absl::Status Attach(const ContainerParts& parts, RequestContext& context);
absl::Status AttachWebSocket(const ContainerParts& parts,
                             RequestContext& context);
absl::Status Logs(const ContainerParts& parts, RequestContext& context);
absl::Status Wait(const ContainerParts& parts, RequestContext& context);

// process.cc, stats.cc, changes.cc
absl::Status Resize(const ContainerParts& parts, RequestContext& context);
absl::Status Top(const ContainerParts& parts, RequestContext& context);
absl::Status Stats(const ContainerParts& parts, RequestContext& context);
absl::Status Changes(const ContainerParts& parts, RequestContext& context);

}  // namespace tug::gatewayd
