// SPDX-License-Identifier: Apache-2.0
//
// Who outlives whom, and what is shared with others.
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "services/runtimed/shim/testing/container_fixture.h"

namespace tug::runtimed {
namespace {

TEST_F(ContainerTest, SurvivesRuntimed) {
  LaunchSpec spec = Shell("read x; echo $x; exit 6");
  spec.flags |= kPlanOpenStdin;
  ShimHarness shim(spec);
  const UniqueFd client = shim.Attach(kStreamStdin | kStreamStdout);
  ASSERT_EQ(shim.Start().type, ShimMessageType::kStarted);
  shim.DropControl();
  ASSERT_EQ(write(client.get(), "alive\n", 6), 6);
  EXPECT_EQ(ReadFrames(client.get()).out, "alive\n");
  struct stat status = {};
  ASSERT_EQ(stat(root_->socket_path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  shim.SetControl(ConnectShim(root_->socket_path()));
  // The end may still be on its way.
  ShimMessage state = {};
  do {
    shim.Send(ShimMessageType::kGetState);
    state = shim.ReceiveType(ShimMessageType::kState);
    shim.ReceiveType(ShimMessageType::kReply);
  } while ((state.flags & kStateExited) == 0);
  EXPECT_EQ(state.value, 6);
  EXPECT_TRUE(shim.Acknowledge());
  // The path may be a successor's by now; whose it is, runtimed knows.
  EXPECT_EQ(stat(root_->socket_path().c_str(), &status), 0);
}

TEST_F(ContainerTest, DiesWithItsShim) {
  for (const char* user : {"", "user"}) {
    LaunchSpec spec = Shell("sleep 100");
    spec.user = user;
    ShimHarness shim(spec);
    const ShimMessage started = shim.Start();
    ASSERT_EQ(started.type, ShimMessageType::kStarted);
    kill(shim.pid(), SIGKILL);
    bool gone = false;
    for (int i = 0; i < 500 && !gone; ++i) {
      // Of a process that awaits its reaper, too.
      gone =
          ReadFile("/proc/" + std::to_string(started.pid) + "/cmdline").empty();
      if (!gone) usleep(10000);
    }
    EXPECT_TRUE(gone);
  }
}

TEST_F(ContainerTest, HandsOutItsNetworkNamespace) {
  ShimHarness shim(Shell("sleep 100"));
  const ShimMessage started = shim.Start();
  ASSERT_EQ(started.type, ShimMessageType::kStarted);
  shim.Send(ShimMessageType::kGetNetns);
  UniqueFd netns;
  EXPECT_EQ(shim.Receive(&netns).error, 0);
  struct stat theirs = {};
  struct stat passed = {};
  const std::string path = "/proc/" + std::to_string(started.pid) + "/ns/net";
  ASSERT_EQ(stat(path.c_str(), &theirs), 0);
  ASSERT_EQ(fstat(netns.get(), &passed), 0);
  EXPECT_EQ(theirs.st_ino, passed.st_ino);
}

TEST_F(ContainerTest, JoinsNamespacesOfAnother) {
  ShimHarness first(Shell("sleep 1000"));
  const ShimMessage started = first.Start();
  ASSERT_EQ(started.type, ShimMessageType::kStarted);
  const std::string base = "/proc/" + std::to_string(started.pid) + "/ns/";
  LaunchSpec spec = Shell(
      "for n in net ipc pid uts; do readlink /proc/self/ns/$n; done; "
      "test $$ -gt 1 && ps | grep -c '[s]leep 1000'");
  spec.hostname = "";
  std::vector<UniqueFd> fds;
  std::vector<int> namespaces;
  int next = kFirstExtraFd;
  std::string expected;
  const struct {
    const char* name;
    uint32_t flag;
  } kJoins[] = {{"net", CLONE_NEWNET},
                {"ipc", CLONE_NEWIPC},
                {"pid", CLONE_NEWPID},
                {"uts", CLONE_NEWUTS}};
  for (const auto& join : kJoins) {
    const std::string path = base + join.name;
    fds.emplace_back(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    namespaces.push_back(fds.back().get());
    spec.joins.push_back({join.flag, next++});
    spec.new_namespaces &= ~uint64_t{join.flag};
    expected += std::filesystem::read_symlink(path).string() + "\n";
  }
  const RunResult result = RunContainer(spec, namespaces);
  EXPECT_EQ(result.output.out, expected + "1\n") << Failure(result.start);
}

TEST_F(ContainerTest, HasTimeNamespaceOfItsOwn) {
  if (access("/proc/self/ns/time", F_OK) != 0) GTEST_SKIP() << "not here";
  LaunchSpec spec = Shell("readlink /proc/self/ns/time; sleep 100");
  spec.new_namespaces |= 0x80;  // CLONE_NEWTIME
  ShimHarness shim(spec);
  const UniqueFd client = shim.Attach(kStreamStdout);
  ASSERT_EQ(shim.Start().type, ShimMessageType::kStarted);
  const std::string name = ReadUntil(client.get(), "]\n").substr(8);
  EXPECT_NE(name, std::filesystem::read_symlink("/proc/self/ns/time").string() +
                      "\n");
  UniqueFd stream;
  ASSERT_EQ(shim.Exec(root_->ExecSpec({"readlink", "/proc/self/ns/time"}), "e",
                      kStreamStdout, &stream)
                .type,
            ShimMessageType::kExecStarted);
  EXPECT_EQ(ReadFrames(stream.get()).out, name);
}

}  // namespace
}  // namespace tug::runtimed
