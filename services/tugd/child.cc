// SPDX-License-Identifier: Apache-2.0
#include "services/tugd/child.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/sys/unique_fd.h"
#include "services/tugd/spawn.h"

namespace tug::tugd {
namespace {

constexpr int kFirstFd = 3;

// Variables that this process's own parent meant for it.
constexpr absl::string_view kOwnVariables[] = {
    "LISTEN_PID=", "LISTEN_FDS=", "LISTEN_FDNAMES=", "TUGD_PID=",
    "NOTIFY_SOCKET="};

std::vector<std::string> InheritedEnvironment() {
  std::vector<std::string> environment;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    bool own = false;
    for (const absl::string_view name : kOwnVariables) {
      own = own || absl::StartsWith(*variable, name);
    }
    if (!own) environment.emplace_back(*variable);
  }
  return environment;
}

// A sealed file in memory: the service reads its section from there, whatever
// happens to the file on disk.
absl::StatusOr<UniqueFd> MemoryFile(const std::string& text) {
  UniqueFd fd(memfd_create("tug-config", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd || write(fd.get(), text.data(), text.size()) !=
                 static_cast<ssize_t>(text.size()) ||
      fcntl(fd.get(), F_ADD_SEALS,
            F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0) {
    return ErrnoStatus(errno, "make a configuration in memory");
  }
  return fd;
}

std::string DescribeEnd(int wait_status) {
  if (WIFSIGNALED(wait_status)) {
    return absl::StrCat("signal ", WTERMSIG(wait_status));
  }
  return absl::StrCat("exit status ", WEXITSTATUS(wait_status));
}

}  // namespace

Child::Child(Setup setup)
    : setup_(std::move(setup)),
      probe_(setup_.sockets.front().fd.get(), speaks_rest()) {}

absl::Status Child::Launch() {
  Program program = {setup_.program, {}, InheritedEnvironment(), {}};
  std::vector<std::string> names;
  for (const NamedSocket& socket : setup_.sockets) {
    names.push_back(socket.name);
    program.fds.push_back(socket.fd.get());
  }
  program.environment.push_back(absl::StrCat("LISTEN_FDS=", names.size()));
  program.environment.push_back(
      absl::StrCat("LISTEN_FDNAMES=", absl::StrJoin(names, ":")));
  program.environment.push_back(absl::StrCat("TUGD_PID=", getpid()));
  ASSIGN_OR_RETURN(const UniqueFd section, MemoryFile(setup_.section));
  program.fds.push_back(section.get());
  program.arguments = {
      "--config", absl::StrCat("/proc/self/fd/", kFirstFd + names.size()),
      "--log-level", setup_.log_level};
  if (!setup_.account.user.empty()) {
    program.arguments.insert(program.arguments.end(),
                             {"--user", setup_.account.user});
  }
  ASSIGN_OR_RETURN(pid_, Spawn(program));
  return absl::OkStatus();
}

void Child::Start(absl::Time now) {
  started_ = now;
  const absl::Status launched = Launch();
  if (launched.ok()) {
    LogInfo("started", {{"service", name()}, {"pid", absl::StrCat(pid_)}});
    return;
  }
  LogError("cannot start a service",
           {{"service", name()}, {"error", launched.message()}});
  ScheduleStart(absl::ZeroDuration(), now);
}

void Child::HasEnded(int wait_status, absl::Time now) {
  LogWarning("ended", {{"service", name()},
                       {"pid", absl::StrCat(pid_)},
                       {"how", DescribeEnd(wait_status)}});
  pid_ = 0;
  probe_.Reset();
  ScheduleStart(now - started_, now);
}

void Child::ScheduleStart(absl::Duration life, absl::Time now) {
  start_at_ = now + backoff_.PauseAfter(life);
}

void Child::EndIfHung() {
  if (!probe_.Look()) return;
  LogError("killed: it no longer answers",
           {{"service", name()}, {"pid", absl::StrCat(pid_)}});
  Signal(SIGKILL);
}

void Child::Signal(int signal) const {
  // Not reaped yet, so the pid is still its own.
  if (running()) kill(pid_, signal);
}

}  // namespace tug::tugd
