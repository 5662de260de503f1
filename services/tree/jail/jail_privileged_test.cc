// SPDX-License-Identifier: Apache-2.0
//
// A taken-over tug-tree (jail_probe.cc) is refused everything: with all walls,
// and with the filter of system calls taken away.
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "lib/sys/unique_fd.h"
#include "lib/testing/privileged_test.h"
#include "lib/testing/temp_dir.h"
#include "services/tree/jail/jail.h"

namespace tug::tree {
namespace {

constexpr char kProbe[] = "services/tree/jail/jail_probe";
constexpr int kBroken = 126;

class JailTest : public PrivilegedTest {
 protected:
  void SetUp() override {
    PrivilegedTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    directory_.reset(
        open(temp_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    ASSERT_GE(directory_.get(), 0);
    Listen();
  }

  // On an abstract unix socket and on a port of the loopback.
  void Listen() {
    abstract_ = absl::StrCat("tug-jail-test-", getpid());
    unix_.reset(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un name = {};
    name.sun_family = AF_UNIX;
    abstract_.copy(name.sun_path + 1, sizeof(name.sun_path) - 1);
    ASSERT_EQ(bind(unix_.get(), reinterpret_cast<sockaddr*>(&name),
                   static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 +
                                          abstract_.size())),
              0);
    ASSERT_EQ(listen(unix_.get(), 16), 0);
    tcp_.reset(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    ASSERT_EQ(bind(tcp_.get(), generic, size), 0);
    ASSERT_EQ(listen(tcp_.get(), 16), 0);
    ASSERT_EQ(getsockname(tcp_.get(), generic, &size), 0);
    port_ = absl::StrCat(ntohs(address.sin_port));
  }

  // The wait status of a probe.
  int Try(const char* walls, const char* attempt, std::string operand) {
    unlinkat(directory_.get(), "zero", 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, directory_.get(), 4);
    char* const arguments[] = {
        const_cast<char*>(kProbe), const_cast<char*>(walls),
        const_cast<char*>(attempt), operand.data(), nullptr};
    char* const environment[] = {nullptr};
    pid_t pid = -1;
    EXPECT_EQ(
        posix_spawn(&pid, kProbe, &actions, nullptr, arguments, environment),
        0);
    posix_spawn_file_actions_destroy(&actions);
    int status = -1;
    EXPECT_EQ(waitpid(pid, &status, 0), pid);
    return status;
  }

  bool Succeeds(int status) {
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }
  bool IsRefused(int status) {
    if (WIFSIGNALED(status)) return WTERMSIG(status) == SIGSYS;
    return WEXITSTATUS(status) != 0 && WEXITSTATUS(status) != kBroken;
  }

  TempDir temp_;
  UniqueFd directory_, unix_, tcp_;
  std::string abstract_, port_;
};

TEST_F(JailTest, NothingButTheDirectoryIsWithinReach) {
  const std::string self = absl::StrCat(getpid());
  std::string upwards;
  for (int i = 0; i < 64; ++i) upwards += "../";
  const struct {
    const char* attempt;
    std::string operand;
    bool without_filter;  // Refused by the other walls too.
  } cases[] = {
      {"device", "", true},
      {"abstract", abstract_, true},
      {"tcp", port_, true},
      {"trace", self, true},
      {"open", "/proc/1/status", true},
      {"open", "/proc/self/root/etc/passwd", true},
      {"open", "/etc/passwd", true},
      {"open", upwards + "etc/passwd", true},
      {"exec", "/bin/true", true},
      {"mount", "", true},
      {"signal", self, false},
      {"limit", self, false},
      {"fork", "", false},
  };
  for (const auto& c : cases) {
    const std::string name = absl::StrCat(c.attempt, " ", c.operand);
    if (std::string(c.attempt) != "mount") {
      EXPECT_TRUE(Succeeds(Try("none", c.attempt, c.operand)))
          << name << " is no real attempt";
    }
    EXPECT_TRUE(IsRefused(Try("all", c.attempt, c.operand))) << name;
    if (!c.without_filter) continue;
    EXPECT_TRUE(IsRefused(Try("nofilter", c.attempt, c.operand))) << name;
  }
}

TEST_F(JailTest, TheDirectoryCanBeWritten) {
  EXPECT_TRUE(Succeeds(Try("all", "write", "")));
  struct stat info;
  ASSERT_EQ(fstatat(directory_.get(), "file", &info, 0), 0);
  EXPECT_EQ(info.st_uid, 5u);
}

// A node can be made, as layers need it, and is a name without a device.
TEST_F(JailTest, ADeviceIsMadeAndCannotBeOpened) {
  const int status = Try("nofilter", "device", "");
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), EACCES);
  struct stat info;
  ASSERT_EQ(fstatat(directory_.get(), "zero", &info, 0), 0);
  EXPECT_TRUE(S_ISCHR(info.st_mode));
}

}  // namespace
}  // namespace tug::tree
