// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/sys/unique_fd.h"
#include "services/runtimed/runtime/runtime.h"
#include "services/runtimed/spec/namespaces.h"

namespace tug::runtimed {

// Namespaces that the first process of a container joins instead of having its
// own.
struct NamespaceJoins {
  // One CLONE_NEW* bit for each of the first descriptors.
  std::vector<uint32_t> flags;
  // Passed to the shim in this order. One more than there are flags if /dev/shm
  // is another container's: the last is the mount namespace it is found in.
  std::vector<UniqueFd> fds;
  // Namespaces that the container uses and that are the engine's own, by
  // whatever mode it came to them.
  EngineNamespaces of_engine;
};

// `network`: that of the start request; invalid: none was given.
// FAILED_PRECONDITION, in Docker's words, for what cannot be joined
// (JOINED_NOT_RUNNING, JOINED_NOT_SHAREABLE, START_FAILED).
absl::StatusOr<NamespaceJoins> CollectJoins(Runtime& rt,
                                            const ContainerRecord& record,
                                            const NamespaceChoices& choices,
                                            const UniqueFd& network);

}  // namespace tug::runtimed
