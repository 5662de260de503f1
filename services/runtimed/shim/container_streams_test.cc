// SPDX-License-Identifier: Apache-2.0
//
// Standard streams, terminal and log of a container.
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "services/runtimed/shim/testing/container_fixture.h"

namespace tug::runtimed {
namespace {

TEST_F(ContainerTest, InputEndsWithItsOnlyClient) {
  LaunchSpec spec = root_->DefaultSpec({"cat"});
  spec.flags |= kPlanOpenStdin | kPlanStdinOnce;
  ShimHarness shim(spec);
  const UniqueFd client =
      shim.Attach(kStreamStdin | kStreamStdout | kStreamStderr);
  ASSERT_EQ(shim.Start().type, ShimMessageType::kStarted);
  std::string bytes;
  for (int i = 0; bytes.size() < (8 << 20); ++i) bytes += std::to_string(i);
  const pid_t writer = fork();
  if (writer == 0) {
    for (size_t done = 0; done < bytes.size();) {
      const ssize_t count =
          write(client.get(), bytes.data() + done, bytes.size() - done);
      if (count <= 0) _exit(1);
      done += static_cast<size_t>(count);
    }
    shutdown(client.get(), SHUT_WR);
    _exit(0);
  }
  EXPECT_TRUE(ReadFrames(client.get()).out == bytes);
  waitpid(writer, nullptr, 0);
  EXPECT_EQ(shim.ReceiveType(ShimMessageType::kExited).value, 0);
  EXPECT_TRUE(shim.Acknowledge());
}

TEST_F(ContainerTest, HasTerminal) {
  LaunchSpec spec = Shell(
      "tty; stty size; test /dev/console -ef $(tty) && echo same; "
      "read line; echo got $line; stty size; "
      "ls -1 /proc/self/fd");
  spec.flags |= kPlanTerminal | kPlanOpenStdin | kPlanConsoleSize;
  spec.rows = 33;
  spec.columns = 99;
  ShimHarness shim(spec);
  const UniqueFd client = shim.Attach(kStreamStdin | kStreamStdout);
  ASSERT_EQ(shim.Start().type, ShimMessageType::kStarted);
  const std::string head = ReadUntil(client.get(), "same");
  EXPECT_NE(head.find("/dev/pts/0\r\n33 99\r\nsame"), std::string::npos)
      << head;
  shim.Resize(44, 111);
  EXPECT_EQ(shim.ReceiveType(ShimMessageType::kReply).error, 0);
  ASSERT_EQ(write(client.get(), "hello\r", 6), 6);
  const std::string rest = ReadRaw(client.get());
  EXPECT_NE(rest.find("got hello\r\n44 111\r\n0\r\n1\r\n2\r\n3"),
            std::string::npos)
      << rest;
  EXPECT_EQ(shim.ReceiveType(ShimMessageType::kExited).value, 0);
}

TEST_F(ContainerTest, WritesDockersLog) {
  LaunchSpec spec = Shell("echo '<a>'; printf tail >&2");
  spec.log_type = PlanLogType::kJsonFile;
  spec.log_path = root_->log_path();
  RunContainer(spec);
  const std::string log = ReadFile(root_->log_path());
  EXPECT_NE(log.find(R"({"log":"\u003ca\u003e\n","stream":"stdout","time":")"),
            std::string::npos)
      << log;
  EXPECT_NE(log.find(R"({"log":"tail","stream":"stderr","time":")"),
            std::string::npos)
      << log;
}

TEST_F(ContainerTest, RotatesItsLog) {
  LaunchSpec spec = Shell("echo one; read x; echo two");
  spec.flags |= kPlanOpenStdin;
  spec.log_type = PlanLogType::kJsonFile;
  spec.log_path = root_->log_path();
  spec.log_max_size = 10;
  ShimHarness shim(spec);
  const UniqueFd client = shim.Attach(kStreamStdin | kStreamStdout);
  ASSERT_EQ(shim.Start().type, ShimMessageType::kStarted);
  EXPECT_EQ(shim.ReceiveType(ShimMessageType::kLogFull).magic, kShimMagic);
  std::filesystem::rename(root_->log_path(), root_->log_path() + ".1");
  const UniqueFd next(
      open(root_->log_path().c_str(), O_WRONLY | O_CREAT | O_APPEND, 0640));
  shim.Send(ShimMessageType::kRotateLog, 0, "", 0, {next.get()});
  EXPECT_EQ(shim.ReceiveType(ShimMessageType::kReply).error, 0);
  ASSERT_EQ(write(client.get(), "\n", 1), 1);
  shim.ReceiveType(ShimMessageType::kExited);
  EXPECT_NE(ReadFile(root_->log_path() + ".1").find("one"), std::string::npos);
  EXPECT_NE(ReadFile(root_->log_path()).find("two"), std::string::npos);
}

TEST_F(ContainerTest, FullDiskDoesNotStopIt) {
  LaunchSpec spec = Shell("seq 1 1000; exit 4");
  spec.log_type = PlanLogType::kJsonFile;
  spec.log_path = "/dev/full";
  const RunResult result = RunContainer(spec);
  EXPECT_EQ(result.exit.value, 4);
  EXPECT_EQ(
      std::count(result.output.out.begin(), result.output.out.end(), '\n'),
      1000);
}

TEST_F(ContainerTest, InputIsTheContainersNullDevice) {
  struct stat before = {};
  ASSERT_EQ(stat("/dev/null", &before), 0);
  EXPECT_EQ(Inside("cat; readlink /proc/self/fd/0; "
                   "chmod 600 /proc/self/fd/0; stat -c %a /dev/null"),
            "/dev/null\n600\n");
  struct stat after = {};
  ASSERT_EQ(stat("/dev/null", &after), 0);
  EXPECT_EQ(before.st_mode, after.st_mode);
}

TEST_F(ContainerTest, ClientsGetTheSame) {
  LaunchSpec spec = Shell("read x; seq 1 20000");
  spec.flags |= kPlanOpenStdin;
  ShimHarness shim(spec);
  const UniqueFd first = shim.Attach(kStreamStdin | kStreamStdout);
  ASSERT_EQ(shim.Start().type, ShimMessageType::kStarted);
  const UniqueFd late = shim.Attach(kStreamStdout);
  EXPECT_EQ(shim.ReceiveType(ShimMessageType::kReply).error, 0);
  ASSERT_EQ(write(first.get(), "\n", 1), 1);
  // Read one after the other: all of it fits between shim and client.
  const std::string out = ReadFrames(first.get()).out;
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 20000);
  EXPECT_EQ(ReadFrames(late.get()).out, out);
}

TEST_F(ContainerTest, ClientWhoseInputEndsLeavesWhereInputStaysOpen) {
  LaunchSpec spec = Shell("while read x; do echo got $x; done");
  spec.flags |= kPlanOpenStdin;
  ShimHarness shim(spec);
  const UniqueFd first = shim.Attach(kStreamStdin | kStreamStdout);
  ASSERT_EQ(shim.Start().type, ShimMessageType::kStarted);
  ASSERT_EQ(write(first.get(), "1\n", 2), 2);
  EXPECT_NE(ReadUntil(first.get(), "got 1\n"), "");
  shutdown(first.get(), SHUT_WR);
  EXPECT_EQ(ReadRaw(first.get()), "");
  const UniqueFd second = shim.Attach(kStreamStdin | kStreamStdout);
  ASSERT_EQ(write(second.get(), "2\n", 2), 2);
  EXPECT_NE(ReadUntil(second.get(), "got 2\n").find("got 2"),
            std::string::npos);
  shim.Send(ShimMessageType::kCloseStdin);
  EXPECT_EQ(shim.ReceiveType(ShimMessageType::kExited).value, 0);
}

TEST_F(ContainerTest, SlowClientHoldsUpNobodyElse) {
  LaunchSpec spec = Shell("dd if=/dev/zero bs=1M count=64 2>/dev/null");
  spec.log_type = PlanLogType::kJsonFile;
  spec.log_path = root_->log_path();
  ShimHarness shim(spec);
  UniqueFd slow = shim.Attach(kStreamStdout);
  ASSERT_EQ(shim.Start().type, ShimMessageType::kStarted);
  UniqueFd stream;
  ASSERT_EQ(
      shim.Exec(root_->ExecSpec({"echo", "quick"}), "e", kStreamStdout, &stream)
          .type,
      ShimMessageType::kExecStarted);
  EXPECT_EQ(ReadFrames(stream.get()).out, "quick\n");
  shim.Send(ShimMessageType::kSignal, SIGKILL);
  EXPECT_EQ(shim.ReceiveType(ShimMessageType::kExited).value, 137);
  slow.reset();
  EXPECT_TRUE(shim.Acknowledge());
}

TEST_F(ContainerTest, SlowClientLosesNothing) {
  ShimHarness shim(Shell("dd if=/dev/zero bs=1M count=3 2>/dev/null"));
  const UniqueFd slow = shim.Attach(kStreamStdout);
  ASSERT_EQ(shim.Start().type, ShimMessageType::kStarted);
  shim.ReceiveType(ShimMessageType::kExited);
  shim.Send(ShimMessageType::kAckExit);
  EXPECT_EQ(ReadFrames(slow.get()).out.size(), size_t{3} << 20);
}

}  // namespace
}  // namespace tug::runtimed
