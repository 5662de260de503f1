// SPDX-License-Identifier: Apache-2.0
#include "services/netd/dns/resolver_process.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <pwd.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/sys/process.h"
#include "services/netd/dns/control_channel.h"

namespace tug::netd {
namespace {

constexpr int kFirstFd = 3;
// Above every number that matters to the dup2 of the spawn.
constexpr int kOutOfTheWay = 64;
constexpr char kFallbackUser[] = "nobody";
// A resolver that ends sooner than this is started again after the pause, any
// other at once.
constexpr absl::Duration kHealthyLife = absl::Seconds(1);
constexpr absl::Duration kPause = absl::Milliseconds(100);
// To become another user, to kill it, and to leave nothing to gain.
constexpr uint64_t kKeeperCapabilities =
    uint64_t{1} << CAP_SETUID | uint64_t{1} << CAP_SETGID |
    uint64_t{1} << CAP_SETPCAP | uint64_t{1} << CAP_KILL;

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Starts a program with the channel under the name "control" (listen_fds.h).
absl::StatusOr<pid_t> Spawn(const std::string& program,
                            std::vector<std::string> arguments,
                            const UniqueFd& control) {
  const UniqueFd moved(fcntl(control.get(), F_DUPFD_CLOEXEC, kOutOfTheWay));
  if (!moved) return ErrnoStatus(errno, "duplicate the resolver's channel");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, moved.get(), kFirstFd);
  // What tugd gave netd, such as its configuration, is not for it.
  posix_spawn_file_actions_addclosefrom_np(&actions, kFirstFd + 1);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  arguments.insert(arguments.begin(), program);
  std::vector<std::string> environment = {"LISTEN_FDS=1",
                                          "LISTEN_FDNAMES=control",
                                          absl::StrCat("TUGD_PID=", getpid())};
  pid_t pid = -1;
  const int error =
      posix_spawn(&pid, program.c_str(), &actions, &attributes,
                  Pointers(arguments).data(), Pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) return ErrnoStatus(error, absl::StrCat("start ", program));
  return pid;
}

absl::StatusOr<UniqueFd> KeeperSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int one : {SIGCHLD, SIGTERM, SIGINT}) sigaddset(&signals, one);
  if (sigprocmask(SIG_BLOCK, &signals, nullptr) != 0) {
    return ErrnoStatus(errno, "block signals");
  }
  UniqueFd fd(signalfd(-1, &signals, SFD_CLOEXEC));
  if (!fd) return ErrnoStatus(errno, "open signalfd");
  return fd;
}

// The next signal, or SIGTERM at the end of the channel.
int AwaitSignal(const UniqueFd& signals, const UniqueFd& control) {
  // The end is told without being asked for.
  pollfd ready[] = {{signals.get(), POLLIN, 0}, {control.get(), 0, 0}};
  if (poll(ready, std::size(ready), -1) < 0) return SIGCHLD;
  if (ready[1].revents != 0) return SIGTERM;
  signalfd_siginfo info = {};
  if (read(signals.get(), &info, sizeof(info)) != sizeof(info)) return SIGCHLD;
  return static_cast<int>(info.ssi_signo);
}

absl::Status KeepOnlyKeeperRights() {
  // netd's tag stays on: whoever is asked by it is to know whose it is.
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return ErrnoStatus(errno, "give up new privileges");
  }
  for (const long result : {sys::LimitBoundingSet(kKeeperCapabilities),
                            sys::SetCapabilities(kKeeperCapabilities)}) {
    if (result < 0) {
      return ErrnoStatus(static_cast<int>(result), "give up capabilities");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ResolverProcess> StartResolverProcess(const std::string& keeper,
                                                     const std::string& user) {
  ASSIGN_OR_RETURN(auto ends, dns::MakeControlChannel());
  std::string name = user;
  if (getpwnam(user.c_str()) == nullptr) {
    LogWarning("no such user; the resolver becomes another",
               {{"user", user}, {"instead", kFallbackUser}});
    name = kFallbackUser;
  }
  ResolverProcess process;
  ASSIGN_OR_RETURN(
      process.pid,
      Spawn(keeper, {"--set", absl::StrCat("user=", name)}, ends.second));
  const long pidfd = sys::OpenPidfd(process.pid);
  if (pidfd < 0) return ErrnoStatus(static_cast<int>(pidfd), "open pidfd");
  process.pidfd.reset(static_cast<int>(pidfd));
  process.control = std::move(ends.first);
  return process;
}

absl::Status KeepResolver(const std::string& program, const std::string& user,
                          const UniqueFd& control) {
  RETURN_IF_ERROR(KeepOnlyKeeperRights());
  ASSIGN_OR_RETURN(const UniqueFd signals, KeeperSignals());
  for (;;) {
    const absl::Time started = absl::Now();
    ASSIGN_OR_RETURN(const pid_t pid,
                     Spawn(program, {"--user", user}, control));
    while (waitpid(pid, nullptr, WNOHANG) == 0) {
      if (AwaitSignal(signals, control) == SIGCHLD) continue;
      kill(pid, SIGKILL);
      waitpid(pid, nullptr, 0);
      return absl::OkStatus();
    }
    LogWarning("the resolver has ended; starting it again");
    if (absl::Now() - started < kHealthyLife) absl::SleepFor(kPause);
  }
}

}  // namespace tug::netd
