// SPDX-License-Identifier: Apache-2.0
//
// The program of a container: identity, rights, limits, end.
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "services/runtimed/shim/testing/container_fixture.h"

namespace tug::runtimed {
namespace {

TEST_F(ContainerTest, PrintsAndEnds) {
  const RunResult result =
      RunContainer(Shell("echo out; echo err >&2; exit 3"));
  ASSERT_EQ(result.start.type, ShimMessageType::kStarted)
      << Failure(result.start);
  EXPECT_GT(result.start.pid, 0);
  EXPECT_EQ(result.output.out, "out\n");
  EXPECT_EQ(result.output.err, "err\n");
  EXPECT_EQ(result.exit.value, 3);
  ExitRecord record = {};
  const std::string bytes = ReadFile(root_->record_path());
  ASSERT_EQ(bytes.size(), sizeof(record));
  memcpy(&record, bytes.data(), sizeof(record));
  EXPECT_EQ(record.magic, kExitRecordMagic);
  EXPECT_EQ(record.exit_code, 3);
  EXPECT_GE(record.finished, record.started);
}

TEST_F(ContainerTest, ReportsEndBySignal) {
  EXPECT_EQ(RunContainer(Shell("kill -9 $$; sleep 1; exit 5")).exit.value, 5)
      << "the first process of a namespace ignores its own signals";
  ShimHarness shim(Shell("sleep 100"));
  ASSERT_EQ(shim.Start().type, ShimMessageType::kStarted);
  shim.Send(ShimMessageType::kSignal, SIGKILL);
  EXPECT_EQ(shim.ReceiveType(ShimMessageType::kExited).value, 137);
  EXPECT_TRUE(shim.Acknowledge());
}

TEST_F(ContainerTest, MissingProgramAndForbiddenProgramDiffer) {
  RunResult result = RunContainer(root_->DefaultSpec({"nonexistent"}));
  ASSERT_EQ(result.start.type, ShimMessageType::kStartFailed);
  EXPECT_EQ(Step(result.start), LaunchStep::kFindProgram);
  EXPECT_EQ(result.start.error, ENOENT);
  EXPECT_STREQ(result.start.text, "nonexistent");
  result = RunContainer(root_->DefaultSpec({"/etc/passwd"}));
  EXPECT_EQ(result.start.error, EACCES);
  result = RunContainer(root_->DefaultSpec({"/etc"}));
  EXPECT_EQ(result.start.error, EISDIR);
}

TEST_F(ContainerTest, HasThreeOpenFds) {
  // The last is the open directory.
  const RunResult result =
      RunContainer(root_->DefaultSpec({"ls", "-1", "/proc/self/fd"}));
  EXPECT_EQ(result.output.out, "0\n1\n2\n3\n");
}

TEST_F(ContainerTest, HasDefaultSecurity) {
  const std::string status = Inside("cat /proc/self/status");
  EXPECT_NE(status.find("CapInh:\t0000000000000000"), std::string::npos);
  EXPECT_NE(status.find("CapPrm:\t00000000a80425fb"), std::string::npos);
  EXPECT_NE(status.find("CapEff:\t00000000a80425fb"), std::string::npos);
  EXPECT_NE(status.find("CapBnd:\t00000000a80425fb"), std::string::npos);
  EXPECT_NE(status.find("CapAmb:\t0000000000000000"), std::string::npos);
  EXPECT_NE(status.find("NoNewPrivs:\t0"), std::string::npos);
  EXPECT_NE(status.find("Seccomp:\t0"), std::string::npos);
}

// Issue 7, A17: /etc/passwd of an image is read with the host's rights, so it
// is a regular file of the image, or nothing.
TEST_F(ContainerTest, ReadsUsersFromRegularFilesOfTheImageOnly) {
  const std::string passwd = root_->layer() + "/etc/passwd";
  const std::string before = ReadFile(passwd);
  // id(1) would read the file itself.
  const auto runs_as = [&](const std::string& user) {
    LaunchSpec spec =
        Shell("grep Uid: /proc/self/status | cut -f2; echo $HOME");
    spec.user = user;
    const RunResult result = RunContainer(spec);
    return result.start.type == ShimMessageType::kStarted
               ? result.output.out
               : Failure(result.start);
  };
  EXPECT_EQ(runs_as("user"), "1000\n/home/user\n");
  unlink(passwd.c_str());
  // What the kernel logs can be read once; nothing may have read it.
  ASSERT_EQ(symlink("/proc/kmsg", passwd.c_str()), 0);
  EXPECT_EQ(runs_as("user"), "look up user: user: No such file or directory");
  EXPECT_EQ(runs_as("7"), "7\n/\n");
  unlink(passwd.c_str());
  ASSERT_EQ(mkfifo(passwd.c_str(), 0644), 0);
  EXPECT_EQ(runs_as("7"), "7\n/\n");
  unlink(passwd.c_str());
  // A device that would answer: its driver is not even opened.
  ASSERT_EQ(mknod(passwd.c_str(), S_IFCHR | 0644, makedev(1, 11)), 0);
  EXPECT_EQ(runs_as("user"), "look up user: user: No such file or directory");
  unlink(passwd.c_str());
  WriteFile(passwd, before);
}

// As with Docker: names from the image, HOME from what is mounted over it.
TEST_F(ContainerTest, MountedUsersGiveAHomeOnly) {
  const std::string file = root_->directory() + "/passwd";
  WriteFile(file, "foo:x:1234:1235:foo:/homefoo:/bin/sh\n");
  const auto run = [&](const std::string& user, const std::string& source) {
    LaunchSpec spec =
        Shell("grep Uid: /proc/self/status | cut -f2; echo $HOME");
    spec.user = user;
    MountSpec mount;
    mount.source = source;
    mount.target = "/etc/passwd";
    spec.mounts.push_back(mount);
    const RunResult result = RunContainer(spec);
    return result.start.type == ShimMessageType::kStarted
               ? result.output.out
               : Failure(result.start);
  };
  EXPECT_EQ(run("foo", file), "look up user: foo: No such file or directory");
  EXPECT_EQ(run("1234", file), "1234\n/homefoo\n");
  EXPECT_EQ(run("user", file), "1000\n/home/user\n");
  EXPECT_EQ(run("1234", "/proc/kmsg"), "1234\n/\n");
}

TEST_F(ContainerTest, OrdinaryUserHasNoCapabilities) {
  LaunchSpec spec = Shell("id; cat /proc/self/status; echo home=$HOME");
  spec.user = "user";
  spec.additional_groups = {"extra", "5"};
  const std::string out = RunContainer(spec).output.out;
  EXPECT_NE(
      out.find("uid=1000(user) gid=1000(user) groups=5,10(wheel),77(extra)"
               ",1000(user)"),
      std::string::npos)
      << out;
  EXPECT_NE(out.find("CapPrm:\t0000000000000000"), std::string::npos);
  EXPECT_NE(out.find("CapBnd:\t00000000a80425fb"), std::string::npos);
  EXPECT_NE(out.find("home=/home/user"), std::string::npos);
}

TEST_F(ContainerTest, NumericUserIsAnId) {
  LaunchSpec spec = Shell("id -u; id -g");
  spec.user = "1000";
  EXPECT_EQ(RunContainer(spec).output.out, "1000\n1000\n");
  for (const char* user : {"4294967296", "2147483648", "-1", "nobody"}) {
    spec.user = user;
    const RunResult result = RunContainer(spec);
    EXPECT_EQ(result.start.type, ShimMessageType::kStartFailed) << user;
    EXPECT_EQ(Step(result.start), LaunchStep::kLookUpUser) << user;
    EXPECT_STREQ(result.start.text, user);
  }
}

TEST_F(ContainerTest, NamesTheMissingGroup) {
  LaunchSpec spec = Shell("true");
  spec.user = "user:nogroup";
  RunResult result = RunContainer(spec);
  EXPECT_EQ(Step(result.start), LaunchStep::kLookUpGroup);
  EXPECT_STREQ(result.start.text, "nogroup");
  spec.user = "user";
  spec.additional_groups = {"wheel", "other"};
  result = RunContainer(spec);
  EXPECT_EQ(Step(result.start), LaunchStep::kLookUpGroup);
  EXPECT_STREQ(result.start.text, "other");
}

TEST_F(ContainerTest, RefusesHugeUserFiles) {
  std::filesystem::resize_file(root_->layer() + "/etc/group", 1 << 30);
  const RunResult result = RunContainer(Shell("true"));
  EXPECT_EQ(Step(result.start), LaunchStep::kLookUpUser);
  EXPECT_EQ(result.start.error, EFBIG);
}

// A filter that answers EPERM to unshare(2) and allows the rest.
std::vector<sock_filter> ForbidUnshare() {
  return {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 0},
          {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 272},
          {BPF_RET | BPF_K, 0, 0, 0x00050000 | EPERM},
          {BPF_RET | BPF_K, 0, 0, 0x7fff0000}};
}

TEST_F(ContainerTest, LoadsSeccompWithAndWithoutNoNewPrivs) {
  const char* script =
      "unshare -U true 2>&1; grep -E '^(NoNewPrivs|Seccomp):' "
      "/proc/self/status; id -u";
  for (const char* user : {"", "user"}) {
    LaunchSpec spec = Shell(script);
    spec.user = user;
    spec.seccomp = ForbidUnshare();
    std::string out = RunContainer(spec).output.out;
    EXPECT_NE(out.find("Operation not permitted"), std::string::npos) << out;
    EXPECT_NE(out.find("NoNewPrivs:\t0\nSeccomp:\t2"), std::string::npos);
    spec.flags |= kPlanNoNewPrivileges;
    out = RunContainer(spec).output.out;
    EXPECT_NE(out.find("NoNewPrivs:\t1\nSeccomp:\t2"), std::string::npos);
  }
}

TEST_F(ContainerTest, SetsLimitsAndSysctls) {
  LaunchSpec spec = Shell(
      "ulimit -n; cat /proc/sys/net/ipv4/ip_unprivileged_port_start; "
      "cat /proc/sys/kernel/msgmax; umask");
  spec.rlimits = {{RLIMIT_NOFILE, 0, 100, 200}};
  spec.sysctls = {{"net.ipv4.ip_unprivileged_port_start", "0"},
                  {"kernel.msgmax", "4096"}};
  EXPECT_EQ(RunContainer(spec).output.out, "100\n0\n4096\n0022\n");
}

TEST_F(ContainerTest, WorkingDirectoryIsMadeAndStaysInside) {
  LaunchSpec spec = Shell("pwd");
  spec.cwd = "/work/here";
  EXPECT_EQ(RunContainer(spec).output.out, "/work/here\n");
  for (int fd = 3; fd < 100; ++fd) {
    spec.cwd = "/proc/self/fd/" + std::to_string(fd);
    EXPECT_EQ(RunContainer(spec).start.type, ShimMessageType::kStartFailed);
  }
}

}  // namespace
}  // namespace tug::runtimed
