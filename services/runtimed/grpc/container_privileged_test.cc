// SPDX-License-Identifier: Apache-2.0
//
// Real containers through gRPC, without the other services.
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "lib/base/status.h"
#include "lib/rpc/status_conversion.h"
#include "services/runtimed/grpc/testing/engine_fixture.h"

namespace tug::runtimed {
namespace {

using Containers = EngineFixture;

TEST_F(Containers, RunToTheirExitCodeAndKeepTheirOutput) {
  const std::string id = Create({"sh", "-c", "echo hi; exit 3"});
  ASSERT_TRUE(Start(id).ok());
  EXPECT_EQ(Wait(id), 3);
  EXPECT_EQ(Logs(id), "hi\n");
  EXPECT_EQ(Get(id).state(), runtime::v1::CONTAINER_STATE_EXITED);
}

TEST_F(Containers, AreConfinedByDefault) {
  const std::string id =
      Create({"sh", "-c",
              "grep -E 'CapInh|CapEff|NoNewPrivs|Seccomp:' /proc/self/status;"
              "unshare -U true 2>/dev/null || echo refused; cat /proc/keys"});
  ASSERT_TRUE(Start(id).ok());
  EXPECT_EQ(Wait(id), 0);
  EXPECT_EQ(Logs(id),
            "CapInh:\t0000000000000000\nCapEff:\t00000000a80425fb\n"
            "NoNewPrivs:\t0\nSeccomp:\t2\nrefused\n");
}

TEST_F(Containers, SayWhyTheyCannotStart) {
  const std::string id = Create({"nosuch"});
  const absl::Status failed = rpc::FromGrpc(Start(id));
  EXPECT_EQ(StatusReason(failed), "EXEC_NOT_FOUND");
  EXPECT_EQ(StatusMetadata(failed).at("exit_code"), "127");
  EXPECT_EQ(Get(id).exit_code(), 127);
  EXPECT_EQ(Get(id).state(), runtime::v1::CONTAINER_STATE_CREATED);
}

TEST_F(Containers, RunExecs) {
  const std::string id = Create({"sleep", "100"});
  ASSERT_TRUE(Start(id).ok());
  EXPECT_EQ(Exec(id, {"sh", "-c", "echo in; exit 7"}),
            std::make_pair(7, std::string("in\n")));
}

TEST_F(Containers, RunUnderAnInit) {
  auto request = Request({"sh", "-c", "cat /proc/1/comm; exit 4"});
  request.mutable_host_config()->set_init(true);
  const std::string id = Create(request);
  ASSERT_TRUE(Start(id).ok());
  EXPECT_EQ(Wait(id), 4);
  EXPECT_EQ(Logs(id), "docker-init\n");
}

TEST_F(Containers, DieOfTheirMemoryLimit) {
  auto request = Request({"tail", "/dev/zero"});
  request.mutable_host_config()->set_memory(16 << 20);
  const std::string id = Create(request);
  ASSERT_TRUE(Start(id).ok());
  EXPECT_EQ(Wait(id), 137);
  EXPECT_TRUE(Get(id).oom_killed());
}

TEST_F(Containers, StopBySignalThenByForce) {
  const std::string id = Create({"sleep", "100"});  // As PID 1, deaf to TERM.
  ASSERT_TRUE(Start(id).ok());
  runtime::v1::StopContainerRequest request;
  request.set_id(id);
  request.set_timeout(0);
  runtime::v1::StopContainerResponse response;
  grpc::ClientContext call;
  ASSERT_TRUE(containers_->StopContainer(&call, request, &response).ok());
  EXPECT_TRUE(response.was_running());
  EXPECT_EQ(response.container().exit_code(), 137);
}

TEST_F(Containers, RestartByPolicyAsOftenAsItSays) {
  auto request = Request({"sh", "-c", "echo again; exit 1"});
  auto* policy = request.mutable_host_config()->mutable_restart_policy();
  policy->set_name("on-failure");
  policy->set_maximum_retry_count(2);
  const std::string id = Create(request);
  ASSERT_TRUE(Start(id).ok());
  // A wait ends with the first run (issue 7, B4).
  EXPECT_EQ(Wait(id), 1);
  const absl::Time deadline = absl::Now() + absl::Seconds(10);
  while (absl::Now() < deadline &&
         Get(id).state() != runtime::v1::CONTAINER_STATE_EXITED) {
    absl::SleepFor(absl::Milliseconds(10));
  }
  EXPECT_EQ(Get(id).restart_count(), 2);
  EXPECT_EQ(Logs(id), "again\nagain\nagain\n");
}

TEST_F(Containers, TellWhoWaitsThatAFailedStartHasEndedTheRestarts) {
  // Its fourth run takes away what the next start needs.
  auto request =
      Request({"sh", "-c",
               "echo >>/n; [ $(busybox wc -l </n) = 4 ] && busybox rm /bin/sh;"
               "exit 1"});
  request.mutable_host_config()->mutable_restart_policy()->set_name("always");
  const std::string id = Create(request);
  ASSERT_TRUE(Start(id).ok());
  const absl::Time deadline = absl::Now() + absl::Seconds(10);
  while (absl::Now() < deadline &&
         (Get(id).restart_count() < 4 ||
          Get(id).state() == runtime::v1::CONTAINER_STATE_RUNNING)) {
    absl::SleepFor(absl::Milliseconds(10));
  }
  // Between two runs: what it waits for is the next end.
  int code = 0;
  std::thread waiter([&] { code = Wait(id); });
  EXPECT_FALSE(Start(id).ok());
  EXPECT_EQ(Get(id).state(), runtime::v1::CONTAINER_STATE_EXITED);
  waiter.join();
  EXPECT_EQ(code, 127);
}

TEST_F(Containers, ShareTheirNamespacesAlsoUnderANewDaemon) {
  auto alone = Request({"sh", "-c", "ls -l /proc/self/ns/net; sleep 100"});
  alone.mutable_host_config()->set_network_mode("none");
  const std::string owner = Create(alone);
  ASSERT_TRUE(Start(owner).ok());
  const auto joined = [&] {
    auto request = Request({"ls", "-l", "/proc/self/ns/net"});
    request.mutable_host_config()->set_network_mode("container:" + owner);
    const std::string id = Create(request);
    EXPECT_TRUE(Start(id).ok());
    EXPECT_EQ(Wait(id), 0);
    return Logs(id);
  };
  const auto name = [](const std::string& line) {
    return line.substr(line.rfind("net:"));
  };
  const std::string before = joined();
  EndDaemon(SIGKILL);
  StartDaemon();
  const std::string after = joined();
  EXPECT_EQ(name(before), name(Logs(owner)));
  EXPECT_EQ(name(after), name(before));
}

TEST_F(Containers, OutliveTheDaemonAndLoseNothing) {
  const std::string counts =
      Create({"sh", "-c",
              "for i in $(seq 1 150); do echo $i; sleep 0.01; "
              "done; exit 9"});
  const std::string ends = Create({"sh", "-c", "sleep 0.2; exit 6"});
  ASSERT_TRUE(Start(counts).ok());
  ASSERT_TRUE(Start(ends).ok());
  EndDaemon(SIGKILL);
  absl::SleepFor(absl::Milliseconds(500));  // `ends` ends with nobody there.
  StartDaemon();
  EXPECT_EQ(Wait(ends), 6);
  EXPECT_EQ(Wait(counts), 9);
  std::string expected;
  for (int i = 1; i <= 150; ++i) absl::StrAppend(&expected, i, "\n");
  EXPECT_EQ(Logs(counts), expected);
}

TEST_F(Containers, KeepEveryLineAcrossRotations) {
  auto request = Request({"seq", "1", "3000"});
  auto& options = *request.mutable_host_config()
                       ->mutable_log_config()
                       ->mutable_config()
                       ->mutable_values();
  options["max-size"] = "16k";
  options["max-file"] = "100";
  const std::string id = Create(request);
  ASSERT_TRUE(Start(id).ok());
  EXPECT_EQ(Wait(id), 0);
  std::string expected;
  for (int i = 1; i <= 3000; ++i) absl::StrAppend(&expected, i, "\n");
  EXPECT_EQ(Logs(id), expected);
  runtime::v1::ReadLogsRequest tail;
  tail.set_id(id);
  tail.set_stdout(true);
  tail.set_tail(2);
  EXPECT_EQ(Logs(tail), "2999\n3000\n");
}

TEST_F(Containers, AttachedBeforeTheStartMissNothing) {
  const std::string id = Create({"seq", "1", "1000"});
  runtime::v1::AttachContainerRequest request;
  request.set_id(id);
  request.set_stdout(true);
  request.set_stream(true);
  runtime::v1::AttachContainerResponse attached;
  grpc::ClientContext call;
  ASSERT_TRUE(containers_->AttachContainer(&call, request, &attached).ok());
  ASSERT_TRUE(Start(id).ok());
  // To its end first: only then the log is whole.
  const std::string live = Unframe(ReadStream(attached.ticket()), 1);
  EXPECT_EQ(live, Logs(id));
}

}  // namespace
}  // namespace tug::runtimed
