// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/containers/state_machine.h"

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"

namespace tug::runtimed {
namespace {

using runtime::v1::CONTAINER_STATE_CREATED;
using runtime::v1::CONTAINER_STATE_CREATING;
using runtime::v1::CONTAINER_STATE_EXITED;
using runtime::v1::CONTAINER_STATE_PAUSED;
using runtime::v1::CONTAINER_STATE_REMOVING;
using runtime::v1::CONTAINER_STATE_RESTARTING;
using runtime::v1::CONTAINER_STATE_RUNNING;
using runtime::v1::ContainerState;

struct Row {
  ContainerState from;
  Transition transition;
  ContainerState to;
};

constexpr Row kRows[] = {
    {CONTAINER_STATE_CREATING, Transition::kCommit, CONTAINER_STATE_CREATED},
    {CONTAINER_STATE_CREATED, Transition::kStart, CONTAINER_STATE_RUNNING},
    {CONTAINER_STATE_EXITED, Transition::kStart, CONTAINER_STATE_RUNNING},
    {CONTAINER_STATE_RESTARTING, Transition::kStart, CONTAINER_STATE_RUNNING},
    {CONTAINER_STATE_RUNNING, Transition::kExit, CONTAINER_STATE_EXITED},
    {CONTAINER_STATE_PAUSED, Transition::kExit, CONTAINER_STATE_EXITED},
    {CONTAINER_STATE_RESTARTING, Transition::kExit, CONTAINER_STATE_EXITED},
    {CONTAINER_STATE_CREATED, Transition::kExit, CONTAINER_STATE_CREATED},
    {CONTAINER_STATE_EXITED, Transition::kExit, CONTAINER_STATE_EXITED},
    {CONTAINER_STATE_REMOVING, Transition::kExit, CONTAINER_STATE_REMOVING},
    {CONTAINER_STATE_RUNNING, Transition::kExitToRestart,
     CONTAINER_STATE_RESTARTING},
    {CONTAINER_STATE_PAUSED, Transition::kExitToRestart,
     CONTAINER_STATE_RESTARTING},
    {CONTAINER_STATE_RESTARTING, Transition::kExitToRestart,
     CONTAINER_STATE_RESTARTING},
    {CONTAINER_STATE_RUNNING, Transition::kPause, CONTAINER_STATE_PAUSED},
    {CONTAINER_STATE_PAUSED, Transition::kUnpause, CONTAINER_STATE_RUNNING},
    {CONTAINER_STATE_CREATED, Transition::kRemove, CONTAINER_STATE_REMOVING},
    {CONTAINER_STATE_EXITED, Transition::kRemove, CONTAINER_STATE_REMOVING},
};

absl::Status Refuse(const std::string& text, const char* reason) {
  return WithReason(absl::FailedPreconditionError(text), reason);
}

absl::Status RefuseStart(ContainerState state) {
  if (HasProcess(state)) {
    return Refuse("container is already running", "CONTAINER_RUNNING");
  }
  return Refuse(
      absl::StrCat("container is ", StateName(state), " and cannot be started"),
      state == CONTAINER_STATE_CREATING ? "CONTAINER_STATE"
                                        : "CONTAINER_REMOVING");
}

absl::Status RefuseRemoval(ContainerState state) {
  if (state == CONTAINER_STATE_REMOVING) {
    return Refuse("removal of the container is already in progress",
                  "CONTAINER_REMOVING");
  }
  if (state == CONTAINER_STATE_CREATING) {
    return Refuse("container is still being created", "CONTAINER_STATE");
  }
  return Refuse(absl::StrCat("container is ", StateName(state),
                             ": stop it first, or remove it by force"),
                "CONTAINER_RUNNING");
}

}  // namespace

absl::StatusOr<ContainerState> NextState(ContainerState state,
                                         Transition transition) {
  // By force, whatever runs is killed first.
  if (transition == Transition::kRemoveByForce) {
    if (state == CONTAINER_STATE_REMOVING ||
        state == CONTAINER_STATE_CREATING) {
      return RefuseRemoval(state);
    }
    return CONTAINER_STATE_REMOVING;
  }
  for (const Row& row : kRows) {
    if (row.from == state && row.transition == transition) return row.to;
  }
  switch (transition) {
    case Transition::kStart:
      return RefuseStart(state);
    case Transition::kRemove:
      return RefuseRemoval(state);
    case Transition::kPause:
      if (state == CONTAINER_STATE_PAUSED) {
        return Refuse("container is already paused", "CONTAINER_PAUSED");
      }
      return Refuse("container is not running", "CONTAINER_NOT_RUNNING");
    case Transition::kUnpause:
      if (state == CONTAINER_STATE_RUNNING) {
        return Refuse("container is not paused", "CONTAINER_NOT_PAUSED");
      }
      return Refuse("container is not running", "CONTAINER_NOT_RUNNING");
    default:
      return Refuse(absl::StrCat("container is ", StateName(state)),
                    "CONTAINER_STATE");
  }
}

bool HasProcess(ContainerState state) {
  return state == CONTAINER_STATE_RUNNING || state == CONTAINER_STATE_PAUSED;
}

bool CountsAsRunning(ContainerState state) {
  return HasProcess(state) || state == CONTAINER_STATE_RESTARTING;
}

const char* StateName(ContainerState state) {
  switch (state) {
    case CONTAINER_STATE_CREATING:
      return "being created";
    case CONTAINER_STATE_CREATED:
      return "created";
    case CONTAINER_STATE_RUNNING:
      return "running";
    case CONTAINER_STATE_PAUSED:
      return "paused";
    case CONTAINER_STATE_RESTARTING:
      return "restarting";
    case CONTAINER_STATE_EXITED:
      return "exited";
    case CONTAINER_STATE_REMOVING:
      return "marked for removal";
    default:
      return "in an unknown state";
  }
}

absl::Status NotRunningError(absl::string_view id) {
  return Refuse(absl::StrCat("container ", id, " is not running"),
                "CONTAINER_NOT_RUNNING");
}

}  // namespace tug::runtimed
