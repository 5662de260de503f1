// SPDX-License-Identifier: Apache-2.0
//
// Execs in a running container.
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "services/runtimed/shim/testing/container_fixture.h"

namespace tug::runtimed {
namespace {

TEST_F(ContainerTest, ExecsJoinIt) {
  ShimHarness shim(Shell("sleep 100"));
  ASSERT_EQ(shim.Start().type, ShimMessageType::kStarted);
  UniqueFd stream;
  LaunchSpec exec = root_->ExecSpec(
      {"sh", "-c",
       "hostname; ls /proc/self/fd | wc -l; readlink /proc/self/ns/net "
       "/proc/1/ns/net | tr '\\n' ' '; id -u; pwd; cat; exit 9"});
  exec.user = "user";
  exec.cwd = "/tmp";
  exec.flags = kPlanOpenStdin | kPlanStdinOnce;
  const ShimMessage started =
      shim.Exec(exec, "first", kStreamStdin | kStreamStdout, &stream);
  ASSERT_EQ(started.type, ShimMessageType::kExecStarted) << Failure(started);
  EXPECT_GT(started.pid, 0);
  ASSERT_EQ(write(stream.get(), "in", 2), 2);
  shutdown(stream.get(), SHUT_WR);
  const std::string out = ReadFrames(stream.get()).out;
  EXPECT_EQ(out.rfind("box\n4\n", 0), 0u) << out;
  EXPECT_NE(out.find("1000\n/tmp\nin"), std::string::npos) << out;
  const ShimMessage exited = shim.ReceiveType(ShimMessageType::kExecExited);
  EXPECT_EQ(exited.value, 9);
  EXPECT_STREQ(exited.exec_id, "first");
  shim.Send(ShimMessageType::kAckExec, 0, "first");
  EXPECT_EQ(shim.ReceiveType(ShimMessageType::kReply).error, 0);
  const ShimMessage failed =
      shim.Exec(root_->ExecSpec({"nope"}), "second", kStreamStdout, &stream);
  EXPECT_EQ(failed.type, ShimMessageType::kExecFailed);
  EXPECT_EQ(failed.error, ENOENT);
  EXPECT_EQ(ReadRaw(stream.get()), "");
}

TEST_F(ContainerTest, ExecsHaveTerminals) {
  ShimHarness shim(Shell("sleep 100"));
  ASSERT_EQ(shim.Start().type, ShimMessageType::kStarted);
  LaunchSpec exec = root_->ExecSpec({"sh", "-c", "tty; stty size"});
  exec.flags = kPlanTerminal | kPlanConsoleSize;
  exec.rows = 11;
  exec.columns = 22;
  UniqueFd stream;
  const ShimMessage started = shim.Exec(exec, "tty", kStreamStdout, &stream);
  ASSERT_EQ(started.type, ShimMessageType::kExecStarted) << Failure(started);
  EXPECT_EQ(ReadRaw(stream.get()), "/dev/pts/0\r\n11 22\r\n");
}

// Issue 7, B17: who starts it says in what form its output comes.
TEST_F(ContainerTest, ClientsChooseTheFormOfTheOutput) {
  ShimHarness shim(Shell("sleep 100"));
  ASSERT_EQ(shim.Start().type, ShimMessageType::kStarted);
  LaunchSpec plain = root_->ExecSpec({"echo", "hi"});
  LaunchSpec terminal = plain;
  terminal.flags = kPlanTerminal;
  const std::string framed("\1\0\0\0\0\0\0\3hi\n", 11);
  const std::string framed_terminal("\1\0\0\0\0\0\0\4hi\r\n", 12);
  struct Row {
    const LaunchSpec& spec;
    uint32_t flags;
    std::string expected;
  };
  int number = 0;
  for (const Row& row :
       {Row{plain, 0, framed}, Row{plain, kStreamRaw, "hi\n"},
        Row{plain, kStreamFramed, framed}, Row{terminal, 0, "hi\r\n"},
        Row{terminal, kStreamRaw, "hi\r\n"},
        Row{terminal, kStreamFramed, framed_terminal}}) {
    UniqueFd stream;
    const ShimMessage started =
        shim.Exec(row.spec, "e" + std::to_string(++number),
                  kStreamStdout | row.flags, &stream);
    ASSERT_EQ(started.type, ShimMessageType::kExecStarted) << Failure(started);
    EXPECT_EQ(ReadRaw(stream.get()), row.expected) << number;
  }
}

TEST_F(ContainerTest, ManyExecsRunAtOnce) {
  ShimHarness shim(Shell("sleep 100"));
  ASSERT_EQ(shim.Start().type, ShimMessageType::kStarted);
  constexpr int kCount = 100;
  std::vector<UniqueFd> streams(kCount);
  const LaunchSpec exec = root_->ExecSpec({"sh", "-c", "read x; echo $x"});
  LaunchSpec with_input = exec;
  with_input.flags = kPlanOpenStdin | kPlanStdinOnce;
  for (int i = 0; i < kCount; ++i) {
    ASSERT_EQ(shim.Exec(with_input, "e" + std::to_string(i),
                        kStreamStdin | kStreamStdout, &streams[i])
                  .type,
              ShimMessageType::kExecStarted);
  }
  for (int i = kCount - 1; i >= 0; --i) {
    const std::string line = std::to_string(i) + "\n";
    ASSERT_EQ(write(streams[i].get(), line.data(), line.size()),
              static_cast<ssize_t>(line.size()));
    EXPECT_EQ(ReadFrames(streams[i].get()).out, line);
    EXPECT_EQ(shim.ReceiveType(ShimMessageType::kExecExited).exec_id,
              "e" + std::to_string(i));
  }
  shim.Send(ShimMessageType::kGetState);
  int ended = 0;
  for (;;) {
    const ShimMessage message = shim.Receive();
    if (message.type == ShimMessageType::kExecExited) ++ended;
    if (message.type == ShimMessageType::kReply || message.magic == 0) break;
  }
  EXPECT_EQ(ended, kCount);
}

// The end of an exec does not wait for what it left behind.
TEST_F(ContainerTest, ExecEndsBeforeItsChildren) {
  ShimHarness shim(Shell("sleep 100"));
  ASSERT_EQ(shim.Start().type, ShimMessageType::kStarted);
  UniqueFd stream;
  ASSERT_EQ(shim.Exec(root_->ExecSpec({"sh", "-c", "sleep 100 & echo hi"}), "e",
                      kStreamStdout, &stream)
                .type,
            ShimMessageType::kExecStarted);
  EXPECT_EQ(shim.ReceiveType(ShimMessageType::kExecExited).value, 0);
  EXPECT_EQ(ReadFrames(stream.get()).out, "hi\n");
}

}  // namespace
}  // namespace tug::runtimed
