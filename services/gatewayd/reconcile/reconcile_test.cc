// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "services/gatewayd/operations/recording_peers.h"
#include "services/gatewayd/reconcile/reconcile_container.h"

namespace tug::gatewayd {
namespace {

using runtime::v1::Container;

constexpr char kId[] =
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

Container Stored(runtime::v1::ContainerState state) {
  Container container;
  container.set_id(kId);
  container.set_state(state);
  container.mutable_host_config()->set_network_mode("bridge");
  container.mutable_started_at()->set_seconds(1);
  return container;
}

std::set<std::string> CallsFor(const Container& container) {
  RecordingPeers services;
  services.container = container;
  ContainerLocks locks;
  EXPECT_TRUE(ReconcileContainer(services.peers(), locks, kId).ok());
  return services.call_set();
}

TEST(ReconcileTest, LeasesWithoutARecordAreReleased) {
  const auto calls = CallsFor(Container());
  EXPECT_EQ(calls.count("ReleaseSnapshot"), 1u);
  EXPECT_EQ(calls.count("ReleaseSandbox"), 1u);
  EXPECT_EQ(calls.count("ReleaseLease"), 1u);
}

TEST(ReconcileTest, OfALeaseWithoutARecordOnlyUnusedVolumesGo) {
  RecordingPeers services;
  ContainerLocks locks;
  ASSERT_TRUE(ReconcileContainer(services.peers(), locks, kId).ok());
  EXPECT_TRUE(services.volumes_release.abandoned());
  EXPECT_FALSE(services.volumes_release.remove_anonymous());
}

// Issue 7, A11: a gateway that was killed during a create.
TEST(ReconcileTest, ACreationThatNobodyIsAtIsAbandoned) {
  RecordingPeers services;
  services.container = Stored(runtime::v1::CONTAINER_STATE_CREATING);
  ContainerLocks locks;
  {
    const auto creating = locks.Acquire(kId);
    EXPECT_FALSE(ReconcileContainer(services.peers(), locks, kId).ok());
    EXPECT_TRUE(services.calls().empty());
  }
  ASSERT_TRUE(ReconcileContainer(services.peers(), locks, kId).ok());
  const auto calls = services.call_set();
  EXPECT_EQ(calls.count("AbandonContainer"), 1u);
  EXPECT_EQ(calls.count("ReleaseSnapshot"), 1u);
  EXPECT_EQ(calls.count("ReleaseSandbox"), 1u);
  EXPECT_TRUE(services.volumes_release.abandoned());
  EXPECT_FALSE(services.volumes_release.remove_anonymous());
}

TEST(ReconcileTest, LostSandboxOfARunningOneIsAdopted) {
  const auto calls = CallsFor(Stored(runtime::v1::CONTAINER_STATE_RUNNING));
  EXPECT_EQ(calls.count("AdoptSandbox"), 1u);
  EXPECT_EQ(calls.count("DetachSandbox"), 0u);
}

TEST(ReconcileTest, EndedOneKeepsWhatALaterStartNeeds) {
  const auto calls = CallsFor(Stored(runtime::v1::CONTAINER_STATE_EXITED));
  EXPECT_EQ(calls.count("DetachSandbox"), 1u);
  EXPECT_EQ(calls.count("ReleaseSnapshot"), 0u);
  EXPECT_EQ(calls.count("StartContainer"), 0u);
}

TEST(ReconcileTest, RestartingOneIsLeftAlone) {
  EXPECT_EQ(CallsFor(Stored(runtime::v1::CONTAINER_STATE_RESTARTING)),
            (std::set<std::string>{"GetContainer"}));
}

TEST(ReconcileTest, BegunRemovalIsFinished) {
  const auto calls = CallsFor(Stored(runtime::v1::CONTAINER_STATE_REMOVING));
  EXPECT_EQ(calls.count("FinishRemoveContainer"), 1u);
}

TEST(ReconcileTest, EndedOneWithAutoRemoveGoes) {
  Container container = Stored(runtime::v1::CONTAINER_STATE_EXITED);
  container.mutable_host_config()->set_auto_remove(true);
  EXPECT_EQ(CallsFor(container).count("FinishRemoveContainer"), 1u);
}

TEST(ReconcileTest, BusyContainerIsNotTouched) {
  RecordingPeers services;
  ContainerLocks locks;
  const auto lock = locks.Acquire(kId);
  EXPECT_TRUE(
      absl::IsUnavailable(ReconcileContainer(services.peers(), locks, kId)));
  EXPECT_TRUE(services.calls().empty());
}

struct PolicyCase {
  const char* name;
  const char* policy;
  int64_t limit;
  int exit_code;
  int restarts;
  bool stopped;
  bool wants;
};

class WantsStartTest : public testing::TestWithParam<PolicyCase> {};

TEST_P(WantsStartTest, FollowsThePolicy) {
  const PolicyCase& c = GetParam();
  Container container = Stored(runtime::v1::CONTAINER_STATE_EXITED);
  auto& policy = *container.mutable_host_config()->mutable_restart_policy();
  policy.set_name(c.policy);
  policy.set_maximum_retry_count(c.limit);
  container.set_exit_code(c.exit_code);
  container.set_restart_count(c.restarts);
  container.set_manually_stopped(c.stopped);
  EXPECT_FALSE(WantsStart(container)) << "the host was not down";
  container.set_interrupted(true);
  EXPECT_EQ(WantsStart(container), c.wants);
}

constexpr PolicyCase kPolicyCases[] = {
    {"No", "no", 0, 137, 0, false, false},
    {"Always", "always", 0, 137, 0, false, true},
    {"AlwaysStopped", "always", 0, 137, 0, true, false},
    {"UnlessStopped", "unless-stopped", 0, 0, 0, false, true},
    {"OnFailure", "on-failure", 0, 137, 9, false, true},
    {"OnFailureSuccess", "on-failure", 0, 0, 0, false, false},
    {"OnFailureUsedUp", "on-failure", 3, 1, 3, false, false},
};
INSTANTIATE_TEST_SUITE_P(All, WantsStartTest, testing::ValuesIn(kPolicyCases),
                         [](const auto& info) {
                           return std::string(info.param.name);
                         });

}  // namespace
}  // namespace tug::gatewayd
