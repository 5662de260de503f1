// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/containers/state_machine.h"

#include <gtest/gtest.h>

#include "lib/base/status.h"

namespace tug::runtimed {
namespace {

using namespace runtime::v1;  // NOLINT: eight enumerators in every row.

struct Case {
  const char* name;
  ContainerState from;
  Transition transition;
  ContainerState to;   // UNSPECIFIED: refused
  const char* reason;  // of the refusal
};

class StateMachineTest : public testing::TestWithParam<Case> {};

TEST_P(StateMachineTest, MovesOrRefuses) {
  const Case& c = GetParam();
  const auto next = NextState(c.from, c.transition);
  if (c.to != CONTAINER_STATE_UNSPECIFIED) {
    ASSERT_TRUE(next.ok()) << next.status();
    EXPECT_EQ(*next, c.to);
    return;
  }
  ASSERT_FALSE(next.ok());
  EXPECT_EQ(next.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(StatusReason(next.status()), c.reason);
}

constexpr ContainerState kNone = CONTAINER_STATE_UNSPECIFIED;
constexpr Case kCases[] = {
    {"Commit", CONTAINER_STATE_CREATING, Transition::kCommit,
     CONTAINER_STATE_CREATED, ""},
    {"CommitTwice", CONTAINER_STATE_CREATED, Transition::kCommit, kNone,
     "CONTAINER_STATE"},
    {"StartCreated", CONTAINER_STATE_CREATED, Transition::kStart,
     CONTAINER_STATE_RUNNING, ""},
    {"StartExited", CONTAINER_STATE_EXITED, Transition::kStart,
     CONTAINER_STATE_RUNNING, ""},
    {"StartRestarting", CONTAINER_STATE_RESTARTING, Transition::kStart,
     CONTAINER_STATE_RUNNING, ""},
    {"StartRunning", CONTAINER_STATE_RUNNING, Transition::kStart, kNone,
     "CONTAINER_RUNNING"},
    {"StartPaused", CONTAINER_STATE_PAUSED, Transition::kStart, kNone,
     "CONTAINER_RUNNING"},
    {"StartRemoving", CONTAINER_STATE_REMOVING, Transition::kStart, kNone,
     "CONTAINER_REMOVING"},
    {"ExitWhileRemoving", CONTAINER_STATE_REMOVING, Transition::kExit,
     CONTAINER_STATE_REMOVING, ""},
    {"ExitToRestart", CONTAINER_STATE_RUNNING, Transition::kExitToRestart,
     CONTAINER_STATE_RESTARTING, ""},
    {"PauseExited", CONTAINER_STATE_EXITED, Transition::kPause, kNone,
     "CONTAINER_NOT_RUNNING"},
    {"PauseTwice", CONTAINER_STATE_PAUSED, Transition::kPause, kNone,
     "CONTAINER_PAUSED"},
    {"UnpauseRunning", CONTAINER_STATE_RUNNING, Transition::kUnpause, kNone,
     "CONTAINER_NOT_PAUSED"},
    {"RemoveRunning", CONTAINER_STATE_RUNNING, Transition::kRemove, kNone,
     "CONTAINER_RUNNING"},
    {"RemoveRestarting", CONTAINER_STATE_RESTARTING, Transition::kRemove, kNone,
     "CONTAINER_RUNNING"},
    {"RemoveRunningByForce", CONTAINER_STATE_RUNNING,
     Transition::kRemoveByForce, CONTAINER_STATE_REMOVING, ""},
    {"RemoveTwice", CONTAINER_STATE_REMOVING, Transition::kRemoveByForce, kNone,
     "CONTAINER_REMOVING"},
};
INSTANTIATE_TEST_SUITE_P(All, StateMachineTest, testing::ValuesIn(kCases),
                         [](const auto& info) {
                           return std::string(info.param.name);
                         });

}  // namespace
}  // namespace tug::runtimed
