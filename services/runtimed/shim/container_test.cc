// SPDX-License-Identifier: Apache-2.0
//
// Real containers through the real shim, seen from inside. As root only.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "services/runtimed/shim/testing/shim_harness.h"

namespace tug::runtimed {
namespace {

class ContainerTest : public testing::Test {
 protected:
  void SetUp() override {
    if (getenv("TUG_TEST_PRIVILEGED") == nullptr) {
      GTEST_SKIP() << "needs root: set TUG_TEST_PRIVILEGED=1";
    }
    ASSERT_EQ(geteuid(), 0u) << "TUG_TEST_PRIVILEGED is set, but not root";
    root_ = std::make_unique<TestRoot>();
  }

  LaunchSpec Shell(const std::string& script) {
    return root_->DefaultSpec({"sh", "-c", script});
  }
  // What a shell command prints in a default container.
  std::string Inside(const std::string& script) {
    const RunResult result = RunContainer(Shell(script));
    EXPECT_EQ(result.start.type, ShimMessageType::kStarted)
        << Failure(result.start);
    return result.output.out + result.output.err;
  }
  static std::string Failure(const ShimMessage& message) {
    return std::string(LaunchStepName(static_cast<LaunchStep>(message.value))) +
           ": " + message.text + ": " + strerror(message.error);
  }
  static LaunchStep Step(const ShimMessage& message) {
    return static_cast<LaunchStep>(message.value);
  }

  std::unique_ptr<TestRoot> root_;
};

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

TEST_F(ContainerTest, MasksPathsAndProtectsOthers) {
  EXPECT_EQ(Inside("wc -c < /proc/interrupts; wc -c < /proc/timer_list; "
                   "ls /sys/firmware | wc -l"),
            "0\n0\n0\n");
  const std::string out = Inside(
      "echo 1 > /proc/irq/default_smp_affinity; "
      "echo x > /proc/sys/kernel/hostname; "
      "mkdir /sys/firmware/x; chmod 0 /proc/timer_list");
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 4) << out;
  EXPECT_NE(out.find("hostname: Read-only file system"), std::string::npos)
      << out;
  EXPECT_NE(out.find("chmod: /proc/timer_list: Read-only"), std::string::npos)
      << out;
}

TEST_F(ContainerTest, SeesOnlyItsOwn) {
  const std::string out = Inside(
      "hostname; echo $$; ls /sys/class/net; readlink /dev/fd; "
      "readlink /dev/ptmx; ls /dev | grep -v core | tr '\\n' ' '");
  EXPECT_EQ(out,
            "box\n1\nlo\n/proc/self/fd\npts/ptmx\nfd full mqueue null "
            "ptmx pts random shm stderr stdin stdout tty urandom zero ");
  const std::string mounts = Inside("cat /proc/self/mountinfo");
  EXPECT_EQ(mounts.find("shared:"), std::string::npos) << mounts;
  EXPECT_EQ(mounts.find("master:"), std::string::npos) << mounts;
}

TEST_F(ContainerTest, WritesGoToTheUpperDirectory) {
  Inside("echo hi > /made; rm /etc/group");
  EXPECT_EQ(ReadFile(root_->upper() + "/made"), "hi\n");
  EXPECT_TRUE(std::filesystem::exists(root_->layer() + "/etc/group"));
}

TEST_F(ContainerTest, TakesManyLayers) {
  LaunchSpec spec = Shell("cat /from-119");
  for (int i = 0; i < 120; ++i) {
    const std::string name = "l/layer-" + std::to_string(i);
    std::filesystem::create_directories(root_->directory() + "/" + name);
    WriteFile(root_->directory() + "/" + name + "/from-" + std::to_string(i),
              std::to_string(i));
    spec.lower.insert(spec.lower.begin(), name);
  }
  EXPECT_EQ(RunContainer(spec).output.out, "119");
}

TEST_F(ContainerTest, ReadOnlyRootIsReadOnly) {
  LaunchSpec spec = Shell("echo x > /made; echo y > /dev/shm/made && echo ok");
  spec.flags |= kPlanReadOnlyRoot;
  const Output output = RunContainer(spec).output;
  EXPECT_EQ(output.out, "ok\n");
  EXPECT_NE(output.err.find("Read-only file system"), std::string::npos);
}

TEST_F(ContainerTest, BindsFilesAndDirectories) {
  const std::string source = root_->directory() + "/source";
  std::filesystem::create_directories(source + "/sub");
  WriteFile(source + "/file", "content");
  WriteFile(source + "/sub/deep", "deep");
  LaunchSpec spec = Shell(
      "cat /a/b/file /etc/bound /only/deep; echo x > /a/b/new; "
      "echo y > /ro/new");
  MountSpec mount;
  mount.flags = kMountRecursive;
  mount.source = source;
  mount.target = "/a/b";
  spec.mounts.push_back(mount);
  mount.target = "/ro";
  mount.attributes = MOUNT_ATTR_RDONLY;
  mount.flags |= kMountRecursiveReadOnly;
  spec.mounts.push_back(mount);
  mount.target = "/only";
  mount.subpath = "sub";
  spec.mounts.push_back(mount);
  mount.subpath = "";
  mount.target = "/etc/bound";
  mount.source = source + "/file";
  spec.mounts.push_back(mount);
  const RunResult result = RunContainer(spec);
  EXPECT_EQ(result.output.out, "contentcontentdeep") << Failure(result.start);
  EXPECT_NE(result.output.err.find("/ro/new: Read-only file system"),
            std::string::npos);
  EXPECT_EQ(ReadFile(source + "/new"), "x\n");
}

TEST_F(ContainerTest, MountPointsStayInside) {
  const std::string outside = root_->directory() + "/outside";
  std::filesystem::create_directories(outside);
  std::filesystem::create_symlink("../../../../../.." + outside,
                                  root_->layer() + "/link");
  std::filesystem::create_symlink("/run/missing/resolv.conf",
                                  root_->layer() + "/etc/resolv.conf");
  WriteFile(root_->directory() + "/resolv", "nameserver");
  LaunchSpec spec = Shell("cat /etc/resolv.conf /run/missing/resolv.conf");
  MountSpec mount;
  mount.type = PlanMountType::kTmpfs;
  mount.target = "/link/made";
  spec.mounts.push_back(mount);
  mount.type = PlanMountType::kBind;
  mount.source = root_->directory() + "/resolv";
  mount.target = "/etc/resolv.conf";
  spec.mounts.push_back(mount);
  const RunResult result = RunContainer(spec);
  EXPECT_EQ(result.output.out, "nameservernameserver") << Failure(result.start);
  EXPECT_TRUE(std::filesystem::is_empty(outside));
}

TEST_F(ContainerTest, LinkedSystemDirectoriesDoNotEscape) {
  const std::string outside = root_->directory() + "/outside";
  std::filesystem::create_directories(outside);
  std::filesystem::remove(root_->layer() + "/dev");
  std::filesystem::create_symlink("../../../../.." + outside,
                                  root_->layer() + "/dev");
  RunContainer(Shell("true"));
  EXPECT_TRUE(std::filesystem::is_empty(outside));
  std::filesystem::remove(root_->layer() + "/proc");
  std::filesystem::create_symlink("tmp", root_->layer() + "/proc");
  const RunResult result = RunContainer(Shell("true"));
  EXPECT_EQ(Step(result.start), LaunchStep::kMount);
  EXPECT_STREQ(result.start.text, "/proc");
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

TEST_F(ContainerTest, SetsLimitsAndSysctls) {
  LaunchSpec spec = Shell(
      "ulimit -n; cat /proc/sys/net/ipv4/ip_unprivileged_port_start; "
      "cat /proc/sys/kernel/msgmax; umask");
  spec.rlimits = {{RLIMIT_NOFILE, 0, 100, 200}};
  spec.sysctls = {{"net.ipv4.ip_unprivileged_port_start", "0"},
                  {"kernel.msgmax", "4096"}};
  EXPECT_EQ(RunContainer(spec).output.out, "100\n0\n4096\n0022\n");
}

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
  EXPECT_NE(stat(root_->socket_path().c_str(), &status), 0);
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
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    fds.emplace_back(fcntl(fd, F_DUPFD_CLOEXEC, 50));
    close(fd);
    spec.joins.push_back({join.flag, fds.back().get()});
    spec.new_namespaces &= ~uint64_t{join.flag};
    expected += std::filesystem::read_symlink(path).string() + "\n";
  }
  const RunResult result = RunContainer(spec);
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

// A shared mount on the host, for as long as this lives.
class SharedMount {
 public:
  explicit SharedMount(std::string path) : path_(std::move(path)) {
    std::filesystem::create_directories(path_);
    usable_ = mount("tmpfs", path_.c_str(), "tmpfs", 0, "size=1m") == 0 &&
              mount(nullptr, path_.c_str(), nullptr, MS_SHARED, nullptr) == 0;
    std::filesystem::create_directories(path_ + "/late");
  }
  ~SharedMount() {
    umount2((path_ + "/late").c_str(), MNT_DETACH);
    umount2(path_.c_str(), MNT_DETACH);
  }
  bool usable() const { return usable_; }
  bool MountLate() const {
    return mount("tmpfs", (path_ + "/late").c_str(), "tmpfs", 0, "size=1m") ==
               0 &&
           mkdir((path_ + "/late/seen").c_str(), 0755) == 0;
  }

 private:
  std::string path_;
  bool usable_ = false;
};

TEST_F(ContainerTest, PropagationIsAsAskedFor) {
  const std::string path = root_->directory() + "/shared";
  const SharedMount shared(path);
  ASSERT_TRUE(shared.usable());
  LaunchSpec spec = Shell("read x; ls /slave/late /private/late");
  spec.flags |= kPlanOpenStdin;
  MountSpec mount;
  mount.source = path;
  mount.flags = kMountRecursive;
  mount.target = "/slave";
  mount.propagation = PlanPropagation::kRecursiveSlave;
  spec.mounts.push_back(mount);
  mount.target = "/private";
  mount.propagation = PlanPropagation::kRecursivePrivate;
  spec.mounts.push_back(mount);
  ShimHarness shim(spec);
  const UniqueFd client = shim.Attach(kStreamStdin | kStreamStdout);
  ASSERT_EQ(shim.Start().type, ShimMessageType::kStarted);
  ASSERT_TRUE(shared.MountLate());
  ASSERT_EQ(write(client.get(), "\n", 1), 1);
  EXPECT_EQ(ReadFrames(client.get()).out,
            "/private/late:\n\n/slave/late:\nseen\n");
}

// Cgroups of one test, v1.
class TestCgroups {
 public:
  TestCgroups() {
    for (const char* controller : {"memory", "pids", "freezer"}) {
      const std::string path = std::string("/sys/fs/cgroup/") + controller +
                               "/tug-shim-test-" + std::to_string(getpid());
      if (mkdir(path.c_str(), 0755) == 0) paths_.push_back(path);
    }
  }
  ~TestCgroups() {
    for (const std::string& path : paths_) {
      // A process that has just ended may still be counted.
      for (int i = 0; i < 100 && rmdir(path.c_str()) != 0; ++i) usleep(10000);
    }
  }
  bool usable() const { return paths_.size() == 3; }
  const std::string& memory() const { return paths_[0]; }

  void AddTo(LaunchSpec& spec) const {
    for (const std::string& path : paths_) {
      spec.cgroup_tasks.push_back(path + "/tasks");
    }
    if (spec.kind == PlanKind::kExec) return;
    for (const std::string& path : paths_) {
      const std::string controller =
          std::filesystem::path(path).parent_path().filename();
      spec.cgroup_mounts.push_back({controller, path});
    }
    spec.oom_events = memory() + "/memory.oom_control";
    MountSpec mount;
    mount.type = PlanMountType::kCgroup;
    mount.target = "/sys/fs/cgroup";
    mount.attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
                       MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
    spec.mounts.push_back(mount);
  }

 private:
  std::vector<std::string> paths_;
};

TEST_F(ContainerTest, LivesInItsCgroups) {
  const TestCgroups cgroups;
  if (!cgroups.usable()) GTEST_SKIP() << "no cgroup v1 here";
  LaunchSpec spec = Shell(
      "grep -E 'memory|pids' /proc/self/cgroup | cut -d: -f2-; "
      "ls /sys/fs/cgroup; head -n 1 /sys/fs/cgroup/pids/tasks; "
      "mkdir /sys/fs/cgroup/pids/x /sys/fs/cgroup/y");
  cgroups.AddTo(spec);
  const Output output = RunContainer(spec).output;
  EXPECT_EQ(output.out, "pids:/\nmemory:/\nfreezer\nmemory\npids\n1\n")
      << output.err;
  EXPECT_EQ(std::count(output.err.begin(), output.err.end(), '\n'), 2)
      << output.err;
  EXPECT_NE(output.err.find("Read-only file system"), std::string::npos);
}

TEST_F(ContainerTest, ExecsShareItsCgroups) {
  const TestCgroups cgroups;
  if (!cgroups.usable()) GTEST_SKIP() << "no cgroup v1 here";
  LaunchSpec spec = Shell("sleep 100");
  cgroups.AddTo(spec);
  ShimHarness shim(spec);
  ASSERT_EQ(shim.Start().type, ShimMessageType::kStarted);
  LaunchSpec exec = root_->ExecSpec({"grep", "pids", "/proc/self/cgroup"});
  cgroups.AddTo(exec);
  UniqueFd stream;
  ASSERT_EQ(shim.Exec(exec, "e", kStreamStdout, &stream).type,
            ShimMessageType::kExecStarted);
  const std::string out = ReadFrames(stream.get()).out;
  EXPECT_NE(out.find(":pids:/\n"), std::string::npos) << out;
}

TEST_F(ContainerTest, TellsAKillForMemory) {
  const TestCgroups cgroups;
  if (!cgroups.usable()) GTEST_SKIP() << "no cgroup v1 here";
  WriteFile(cgroups.memory() + "/memory.limit_in_bytes", "16777216");
  LaunchSpec spec = Shell("exec dd if=/dev/zero of=/dev/null bs=100M count=1");
  cgroups.AddTo(spec);
  const RunResult result = RunContainer(spec);
  EXPECT_EQ(result.exit.value, 137);
  EXPECT_EQ(result.exit.flags & kExitedOom, kExitedOom);
}

TEST_F(ContainerTest, LeavesNobodyInASharedPidNamespace) {
  const TestCgroups cgroups;
  if (!cgroups.usable()) GTEST_SKIP() << "no cgroup v1 here";
  LaunchSpec spec = Shell("sleep 1000 & sleep 1000 & echo started");
  spec.new_namespaces &= ~uint64_t{CLONE_NEWPID};
  cgroups.AddTo(spec);
  const RunResult result = RunContainer(spec);
  EXPECT_EQ(result.output.out, "started\n");
  EXPECT_EQ(ReadFile(cgroups.memory() + "/tasks"), "");
}

TEST_F(ContainerTest, ProgramOfTheShimCannotBeChanged) {
  // The classic: a program that is the caller's own executable.
  const RunResult result = RunContainer(root_->DefaultSpec({"/proc/self/exe"}));
  EXPECT_NE(result.start.type, ShimMessageType::kReply);
}

}  // namespace
}  // namespace tug::runtimed
