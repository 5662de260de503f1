// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "proto/tug/runtime/v1/container.pb.h"

namespace tug::runtimed {

// What can happen to a container.
enum class Transition {
  kCommit,
  kStart,
  // The process ended, for good or until the policy starts it again.
  kExit,
  kExitToRestart,
  kPause,
  kUnpause,
  // A removal that does, or does not, kill.
  kRemove,
  kRemoveByForce,
};

// The state after `transition`, or why it may not happen: a
// FAILED_PRECONDITION with the reason that the contract lists. Pure.
absl::StatusOr<runtime::v1::ContainerState> NextState(
    runtime::v1::ContainerState state, Transition transition);

// Whether a first process exists.
bool HasProcess(runtime::v1::ContainerState state);

// Whether a client that waits for "not running" has to wait: RESTARTING counts
// as running.
bool CountsAsRunning(runtime::v1::ContainerState state);

// "running", "removing", ...
const char* StateName(runtime::v1::ContainerState state);

// FAILED_PRECONDITION (CONTAINER_NOT_RUNNING).
absl::Status NotRunningError(absl::string_view id);

}  // namespace tug::runtimed
