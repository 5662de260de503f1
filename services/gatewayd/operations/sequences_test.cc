// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <thread>

#include "services/gatewayd/operations/create_container.h"
#include "services/gatewayd/operations/recording_peers.h"
#include "services/gatewayd/operations/remove_container.h"
#include "services/gatewayd/operations/restart_container.h"
#include "services/gatewayd/operations/start_container.h"
#include "services/gatewayd/server/docker_error.h"

namespace tug::gatewayd {
namespace {

using testing::ElementsAre;
using testing::Not;
using testing::UnorderedElementsAre;

constexpr char kId[] =
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

ContainerDraft Draft() {
  ContainerDraft draft;
  draft.config.set_image("busybox");
  draft.config.mutable_cmd()->add_values("true");
  return draft;
}

TEST(CreateTest, CommitsRootFileSystemAndMounts) {
  RecordingPeers services;
  ContainerLocks locks;
  ContainerDraft draft = Draft();
  draft.host_config.mutable_binds()->add_values("data:/data");
  const auto created = CreateContainer(services.peers(), locks, draft);
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(services.committed.root_file_system().lower(0), "l/1");
  ASSERT_EQ(services.committed.mounts_size(), 1);
  EXPECT_EQ(services.committed.mounts(0).source(), "/v/data");
  EXPECT_EQ(services.committed.mounts(0).driver(), "local");
  EXPECT_EQ(services.reserved.endpoints(0).network_name(), "bridge");
}

TEST(CreateTest, PlainContainerNeedsFiveCalls) {
  RecordingPeers services;
  ContainerLocks locks;
  ASSERT_TRUE(CreateContainer(services.peers(), locks, Draft()).ok());
  EXPECT_THAT(
      services.calls(),
      UnorderedElementsAre("GetImage", "CreateContainer", "PrepareSnapshot",
                           "ReserveSandbox", "CommitContainer"));
}

TEST(CreateTest, EmptyVolumeOfAnImageWithNothingThereIsDeclared) {
  RecordingPeers services;
  services.volume_state = volume::v1::Volume::EMPTY;
  ContainerLocks locks;
  ContainerDraft draft = Draft();
  draft.host_config.mutable_binds()->add_values("data:/data");
  ASSERT_TRUE(CreateContainer(services.peers(), locks, draft).ok());
  EXPECT_EQ(services.call_set().count("ReadTree"), 1u);
  EXPECT_EQ(services.call_set().count("PopulateVolume"), 1u);
}

// Issue 7, A11: no moment at which an anonymous volume belongs to nobody.
TEST(CreateTest, VolumesAreMadeUnderTheLease) {
  RecordingPeers services;
  ContainerLocks locks;
  ContainerDraft draft = Draft();
  draft.config.mutable_volumes()->add_paths("/data");
  const auto created = CreateContainer(services.peers(), locks, draft);
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(services.volume.lease(), created->id);
  EXPECT_EQ(services.call_set().count("AcquireVolumes"), 0u);
}

TEST(CreateTest, VolumesOfOtherContainersAreTakenIntoTheLease) {
  for (const char* failing : {"", "AcquireVolumes"}) {
    RecordingPeers services;
    services.failing = failing;
    services.container.set_id(kId);
    runtime::v1::MountPoint& point = *services.container.add_mounts();
    point.set_type("volume");
    point.set_name("data");
    point.set_destination("/data");
    ContainerLocks locks;
    ContainerDraft draft = Draft();
    draft.host_config.mutable_volumes_from()->add_values("web");
    const bool made = CreateContainer(services.peers(), locks, draft).ok();
    const auto calls = services.call_set();
    EXPECT_EQ(made, services.failing.empty());
    EXPECT_EQ(calls.count("AcquireVolumes"), 1u);
    EXPECT_EQ(calls.count("CreateVolume"), 0u);
    EXPECT_EQ(calls.count("ReleaseLease"), made ? 0u : 1u);
  }
}

TEST(CreateTest, TooManyVolumesOfAnImageAreRefusedBeforeAnythingIsMade) {
  RecordingPeers services;
  ContainerLocks locks;
  for (int i = 0; i < 20'000; ++i) {
    services.image.mutable_config()->add_volumes("/v" + std::to_string(i));
  }
  const auto created = CreateContainer(services.peers(), locks, Draft());
  EXPECT_EQ(ToHttpError(created.status()).status, 400);
  EXPECT_THAT(ToHttpError(created.status()).message,
              testing::HasSubstr("at most 1000"));
  EXPECT_THAT(services.calls(), ElementsAre("GetImage"));
}

// Issue 7, A17.
TEST(CreateTest, ACopyEndsWithItsClient) {
  RecordingPeers services;
  services.volume_state = volume::v1::Volume::EMPTY;
  ContainerLocks locks;
  ContainerDraft draft = Draft();
  draft.host_config.mutable_binds()->add_values("data:/data");
  Cancellation client_gone;
  ASSERT_TRUE(
      CreateContainer(services.peers(), locks, draft, &client_gone).ok());
  EXPECT_EQ(services.copy_cancellation, &client_gone);
}

class FailedCreateTest : public testing::TestWithParam<const char*> {};

TEST_P(FailedCreateTest, LeavesNothing) {
  RecordingPeers services;
  services.failing = GetParam();
  ContainerLocks locks;
  ContainerDraft draft = Draft();
  draft.host_config.mutable_binds()->add_values("data:/data");
  EXPECT_FALSE(CreateContainer(services.peers(), locks, draft).ok());
  const std::vector<std::string> calls = services.calls();
  const auto abandoned =
      std::find(calls.begin(), calls.end(), "AbandonContainer");
  ASSERT_NE(abandoned, calls.end());
  const bool leased = services.failing != "CreateContainer";
  if (leased) {
    EXPECT_TRUE(services.volumes_release.abandoned());
  }
  for (const char* release :
       {"ReleaseSandbox", "ReleaseSnapshot", "ReleaseLease"}) {
    // Not before the record is gone.
    EXPECT_EQ(std::count(calls.begin(), abandoned, release), 0) << release;
    EXPECT_EQ(std::count(abandoned, calls.end(), release), leased) << release;
  }
}

TEST(CreateTest, KeepsTheLeasesOfAContainerThatCannotBeAbandoned) {
  RecordingPeers services;
  services.failing = "CommitContainer";
  services.also_failing = "AbandonContainer";
  ContainerLocks locks;
  EXPECT_FALSE(CreateContainer(services.peers(), locks, Draft()).ok());
  EXPECT_EQ(services.call_set().count("ReleaseSnapshot"), 0u);
  EXPECT_EQ(services.call_set().count("ReleaseSandbox"), 0u);
}

INSTANTIATE_TEST_SUITE_P(All, FailedCreateTest,
                         testing::Values("CreateContainer", "PrepareSnapshot",
                                         "ReserveSandbox", "CreateVolume",
                                         "CommitContainer"),
                         [](const auto& info) {
                           return std::string(info.param);
                         });

runtime::v1::Container Stored(runtime::v1::ContainerState state) {
  runtime::v1::Container container;
  container.set_id(kId);
  container.set_name("web");
  container.set_state(state);
  container.mutable_host_config()->set_network_mode("bridge");
  return container;
}

TEST(StartTest, FirstStartNeedsThreeCalls) {
  RecordingPeers services;
  services.container = Stored(runtime::v1::CONTAINER_STATE_CREATED);
  ContainerLocks locks;
  ASSERT_TRUE(StartContainer(services.peers(), locks, kId).ok());
  EXPECT_THAT(services.calls(),
              ElementsAre("GetContainer", "AttachSandbox", "StartContainer"));
  EXPECT_EQ(services.started.hosts_path(), "/hosts");
}

TEST(StartTest, TheNetworkIsAttachedAfterTheVolumes) {
  RecordingPeers services;
  services.container = Stored(runtime::v1::CONTAINER_STATE_CREATED);
  services.container.add_mounts()->set_type("volume");
  ContainerLocks locks;
  ASSERT_TRUE(StartContainer(services.peers(), locks, kId).ok());
  EXPECT_THAT(services.calls(), ElementsAre("GetContainer", "MountVolumes",
                                            "AttachSandbox", "StartContainer"));
}

TEST(StartTest, LaterStartGivesUpTheOldNamespaceFirst) {
  RecordingPeers services;
  services.container = Stored(runtime::v1::CONTAINER_STATE_EXITED);
  services.container.mutable_started_at()->set_seconds(1);
  ContainerLocks locks;
  ASSERT_TRUE(StartContainer(services.peers(), locks, kId).ok());
  const auto calls = services.calls();
  EXPECT_LT(std::find(calls.begin(), calls.end(), "DetachSandbox"),
            std::find(calls.begin(), calls.end(), "AttachSandbox"));
}

TEST(StartTest, FailureGivesNetworkAndVolumesBack) {
  RecordingPeers services;
  services.container = Stored(runtime::v1::CONTAINER_STATE_CREATED);
  services.container.add_mounts()->set_type("volume");
  services.failing = "StartContainer";
  ContainerLocks locks;
  EXPECT_FALSE(StartContainer(services.peers(), locks, kId).ok());
  EXPECT_EQ(services.call_set().count("DetachSandbox"), 1u);
  EXPECT_EQ(services.call_set().count("UnmountVolumes"), 1u);
  EXPECT_EQ(services.call_set().count("BeginRemoveContainer"), 0u);
}

TEST(StartTest, ALostAnswerIsNoFailure) {
  RecordingPeers services;
  services.container = Stored(runtime::v1::CONTAINER_STATE_CREATED);
  services.failing = "StartContainer";
  services.failure = absl::StatusCode::kUnavailable;
  ContainerLocks locks;
  EXPECT_FALSE(StartContainer(services.peers(), locks, kId).ok());
  EXPECT_EQ(services.call_set().count("DetachSandbox"), 1u);

  RecordingPeers lost;
  lost.container = Stored(runtime::v1::CONTAINER_STATE_CREATED);
  lost.failing = "StartContainer";
  lost.failure = absl::StatusCode::kUnavailable;
  lost.starts_anyway = true;
  EXPECT_TRUE(StartContainer(lost.peers(), locks, kId).ok());
  EXPECT_EQ(lost.call_set().count("DetachSandbox"), 0u);
}

TEST(StartTest, FailureRemovesOneThatWantsIt) {
  RecordingPeers services;
  services.container = Stored(runtime::v1::CONTAINER_STATE_CREATED);
  services.container.mutable_host_config()->set_auto_remove(true);
  services.failing = "AttachSandbox";
  ContainerLocks locks;
  EXPECT_FALSE(StartContainer(services.peers(), locks, kId).ok());
  EXPECT_EQ(services.calls().back(), "FinishRemoveContainer");
}

struct StateCase {
  const char* name;
  runtime::v1::ContainerState state;
  int status;
};

class StartStateTest : public testing::TestWithParam<StateCase> {};

TEST_P(StartStateTest, IsRefused) {
  RecordingPeers services;
  services.container = Stored(GetParam().state);
  ContainerLocks locks;
  const absl::Status status = StartContainer(services.peers(), locks, kId);
  EXPECT_EQ(ToHttpError(status).status, GetParam().status);
  EXPECT_THAT(services.calls(), ElementsAre("GetContainer"));
}

constexpr StateCase kStateCases[] = {
    {"Running", runtime::v1::CONTAINER_STATE_RUNNING, 304},
    {"Restarting", runtime::v1::CONTAINER_STATE_RESTARTING, 304},
    {"Paused", runtime::v1::CONTAINER_STATE_PAUSED, 409},
    {"Removing", runtime::v1::CONTAINER_STATE_REMOVING, 409},
};
INSTANTIATE_TEST_SUITE_P(All, StartStateTest, testing::ValuesIn(kStateCases),
                         [](const auto& info) {
                           return std::string(info.param.name);
                         });

TEST(RemoveTest, DeletesTheRecordLast) {
  RecordingPeers services;
  services.container = Stored(runtime::v1::CONTAINER_STATE_EXITED);
  ContainerLocks locks;
  ASSERT_TRUE(RemoveContainer(services.peers(), locks, kId, false, false).ok());
  const auto calls = services.calls();
  EXPECT_EQ(calls.front(), "BeginRemoveContainer");
  EXPECT_EQ(calls.back(), "FinishRemoveContainer");
}

TEST(RemoveTest, TheRecordRemembersItsAnonymousVolumes) {
  RecordingPeers services;
  services.container = Stored(runtime::v1::CONTAINER_STATE_EXITED);
  ContainerLocks locks;
  ASSERT_TRUE(RemoveContainer(services.peers(), locks, kId, false, true).ok());
  EXPECT_TRUE(services.removal.remove_anonymous_volumes());
  // What the record says counts: it is what a resumed removal knows.
  EXPECT_FALSE(services.volumes_release.remove_anonymous());
  services.container.set_removes_anonymous_volumes(true);
  ASSERT_TRUE(RemoveContainer(services.peers(), locks, kId, false, true).ok());
  EXPECT_TRUE(services.volumes_release.remove_anonymous());
}

TEST(RemoveTest, RecordStaysWhileALeaseCannotBeReleased) {
  RecordingPeers services;
  services.container = Stored(runtime::v1::CONTAINER_STATE_EXITED);
  services.failing = "ReleaseSnapshot";
  ContainerLocks locks;
  EXPECT_FALSE(
      RemoveContainer(services.peers(), locks, kId, false, false).ok());
  EXPECT_EQ(services.call_set().count("FinishRemoveContainer"), 0u);
}

struct RestartCase {
  const char* name;
  std::optional<int> asked;
  int own;
  bool ends_with_client;
};

class RestartStopTest : public testing::TestWithParam<RestartCase> {};

TEST_P(RestartStopTest, OnlyAStopWithoutEndIsGivenUpWithItsClient) {
  RecordingPeers services;
  services.container = Stored(runtime::v1::CONTAINER_STATE_EXITED);
  services.container.mutable_config()->set_stop_timeout(GetParam().own);
  Cancellation client_gone;
  Cancellation* ends = nullptr;
  services.during_stop = [&](Cancellation* given) { ends = given; };
  runtime::v1::StopContainerRequest stop;
  stop.set_id(kId);
  if (GetParam().asked.has_value()) stop.set_timeout(*GetParam().asked);
  ContainerLocks locks;
  ASSERT_TRUE(
      RestartContainer(services.peers(), locks, stop, &client_gone).ok());
  EXPECT_EQ(ends == &client_gone, GetParam().ends_with_client);
  EXPECT_EQ(services.calls().back(), "StartContainer");
}

constexpr RestartCase kRestartCases[] = {
    {"Default", std::nullopt, 0, false},
    {"Seconds", 5, -1, false},
    {"ForEver", -1, 0, true},
    {"Hours", 7200, 0, true},
    {"ItsOwn", std::nullopt, -1, true},
};
INSTANTIATE_TEST_SUITE_P(All, RestartStopTest, testing::ValuesIn(kRestartCases),
                         [](const auto& info) {
                           return std::string(info.param.name);
                         });

TEST(RestartTest, OthersButTheReconcilerGetTheContainerDuringTheStop) {
  RecordingPeers services;
  services.container = Stored(runtime::v1::CONTAINER_STATE_EXITED);
  services.container.mutable_host_config()->set_auto_remove(true);
  ContainerLocks locks;
  services.during_stop = [&](Cancellation*) {
    EXPECT_FALSE(locks.TryAcquire(kId).has_value());
    EXPECT_TRUE(
        RemoveContainer(services.peers(), locks, kId, true, false).ok());
    services.container.Clear();
  };
  runtime::v1::StopContainerRequest stop;
  stop.set_id(kId);
  EXPECT_TRUE(absl::IsNotFound(
      RestartContainer(services.peers(), locks, stop, nullptr)));
  EXPECT_EQ(services.call_set().count("StartContainer"), 0u);
  EXPECT_TRUE(locks.TryAcquire(kId).has_value());
}

TEST(LocksTest, AClientThatLeavesWaitsNoLonger) {
  ContainerLocks locks;
  std::optional<ContainerLocks::Lock> first = locks.TryAcquire("a");
  Cancellation gone;
  std::thread client([&] { gone.Cancel(); });
  EXPECT_TRUE(absl::IsCancelled(locks.Acquire("a", &gone).status()));
  client.join();
  first.reset();
  // Nobody was in the way: what was asked for is done.
  EXPECT_TRUE(locks.Acquire("a", &gone).ok());
  EXPECT_TRUE(locks.TryAcquire("a").has_value());
}

TEST(LocksTest, OneHolderAtATime) {
  ContainerLocks locks;
  std::optional<ContainerLocks::Lock> first = locks.TryAcquire("a");
  ASSERT_TRUE(first.has_value());
  EXPECT_FALSE(locks.TryAcquire("a").has_value());
  EXPECT_TRUE(locks.TryAcquire("b").has_value());
  const auto refused = locks.Acquire("a", nullptr, absl::Milliseconds(1));
  EXPECT_TRUE(absl::IsUnavailable(refused.status())) << refused.status();
  std::thread second([&] { EXPECT_TRUE(locks.Acquire("a").ok()); });
  first.reset();
  second.join();
  EXPECT_TRUE(locks.TryAcquire("a").has_value());
}

}  // namespace
}  // namespace tug::gatewayd
