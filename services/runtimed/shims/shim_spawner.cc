// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/shims/shim_spawner.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/runtimed/protocol/protocol.h"
#include "services/runtimed/shim/sealed_program.h"

namespace tug::runtimed {
namespace {

// Descriptors are copied to numbers from here on first, so that none is
// overwritten while they are put into their places.
constexpr int kFirstFreeFd = 64;

// What posix_spawn(3) needs, released in any case.
class SpawnPlan {
 public:
  SpawnPlan() {
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_init(&attributes_);
    sigset_t all;
    sigfillset(&all);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF |
                                               POSIX_SPAWN_SETSIGMASK |
                                               POSIX_SPAWN_SETSID);
  }
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  absl::Status Place(int fd, int at) {
    UniqueFd copy(fcntl(fd, F_DUPFD_CLOEXEC, kFirstFreeFd));
    if (!copy) return ErrnoStatus(errno, "copy a descriptor");
    posix_spawn_file_actions_adddup2(&actions_, copy.get(), at);
    copies_.push_back(std::move(copy));
    return absl::OkStatus();
  }
  void OpenNull(int at) {
    posix_spawn_file_actions_addopen(&actions_, at, "/dev/null", O_RDWR, 0);
  }
  int Run(const std::string& path, pid_t* pid) {
    char name[] = "tug-shim";
    char* argv[] = {name, nullptr};
    char* environment[] = {nullptr};
    return posix_spawn(pid, path.c_str(), &actions_, &attributes_, argv,
                       environment);
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
  std::vector<UniqueFd> copies_;
};

// Moves the calling thread.
void JoinGroup(const std::vector<std::string>& tasks_files) {
  for (const std::string& file : tasks_files) {
    const UniqueFd fd(open(file.c_str(), O_WRONLY | O_CLOEXEC));
    if (!fd || write(fd.get(), "0", 1) != 1) {
      LogWarning("shims stay in the cgroup of the daemon", {{"file", file}});
    }
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<ShimSpawner>> ShimSpawner::Make(
    const std::string& program, std::vector<std::string> tasks_files) {
  UniqueFd sealed;
  const long error = SealProgramAt(program.c_str(), &sealed);
  if (error < 0) {
    return ErrnoStatus(
        static_cast<int>(error),
        absl::StrCat("read the shim program ", program, " (key shim-path)"));
  }
  return std::unique_ptr<ShimSpawner>(
      new ShimSpawner(std::move(sealed), std::move(tasks_files)));
}

ShimSpawner::ShimSpawner(UniqueFd program, std::vector<std::string> tasks_files)
    : program_(std::move(program)),
      tasks_files_(std::move(tasks_files)),
      thread_([this] { Run(); }) {}

ShimSpawner::~ShimSpawner() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

absl::StatusOr<ShimSpawner::Spawned> ShimSpawner::Spawn(
    int plan, const std::vector<int>& namespaces) {
  Request request = {plan, &namespaces, absl::CancelledError("shutting down")};
  absl::MutexLock lock(&mutex_);
  if (stopping_) return std::move(request.result);
  requests_.push_back(&request);
  mutex_.Await(absl::Condition(&request.done));
  return std::move(request.result);
}

void ShimSpawner::Run() {
  JoinGroup(tasks_files_);
  absl::MutexLock lock(&mutex_);
  const auto wanted = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ || !requests_.empty();
  };
  for (;;) {
    if (requests_.empty()) {
      mutex_.Unlock();
      PrepareCopy();
      mutex_.Lock();
    }
    mutex_.Await(absl::Condition(&wanted));
    if (requests_.empty()) return;
    Request* const request = requests_.front();
    requests_.pop_front();
    mutex_.Unlock();
    absl::StatusOr<Spawned> result =
        SpawnHere(request->plan, *request->namespaces);
    mutex_.Lock();
    request->result = std::move(result);
    request->done = true;
  }
}

// What fails here is tried again, and told, by the next start.
void ShimSpawner::PrepareCopy() {
  if (!next_copy_.valid()) SealProgram(program_.get(), &next_copy_);
}

absl::StatusOr<UniqueFd> ShimSpawner::TakeCopy() {
  if (next_copy_.valid()) return std::move(next_copy_);
  UniqueFd copy;
  const long error = SealProgram(program_.get(), &copy);
  if (error < 0) {
    return ErrnoStatus(static_cast<int>(error), "copy the shim program");
  }
  return copy;
}

absl::StatusOr<ShimSpawner::Spawned> ShimSpawner::SpawnHere(
    int plan, const std::vector<int>& namespaces) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
    return ErrnoStatus(errno, "make a control socket");
  }
  Spawned spawned;
  spawned.control.reset(pair[0]);
  const UniqueFd theirs(pair[1]);
  SpawnPlan actions;
  for (int i = 0; i < 3; ++i) actions.OpenNull(i);
  RETURN_IF_ERROR(actions.Place(theirs.get(), kControlFd));
  RETURN_IF_ERROR(actions.Place(plan, kPlanFd));
  int next = kFirstExtraFd;
  for (const int fd : namespaces) {
    RETURN_IF_ERROR(actions.Place(fd, next++));
  }
  ASSIGN_OR_RETURN(const UniqueFd program, TakeCopy());
  pid_t pid = 0;
  const int error =
      actions.Run(absl::StrCat("/proc/self/fd/", program.get()), &pid);
  if (error != 0) return ErrnoStatus(error, "spawn the shim");
  spawned.pid = pid;
  spawned.pidfd.reset(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  return spawned;
}

bool ReapShim(int pidfd, bool kill, absl::Duration wait) {
  if (pidfd < 0) return true;
  if (kill) syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, nullptr, 0);
  pollfd state = {pidfd, POLLIN, 0};
  const int timeout = static_cast<int>(absl::ToInt64Milliseconds(wait));
  int ready = 0;
  do {
    ready = poll(&state, 1, timeout);
  } while (ready == -1 && errno == EINTR);
  if (ready != 1) return false;
  siginfo_t info = {};
  // ECHILD: an earlier runtimed's child, which tugd collects.
  waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, WEXITED | WNOHANG);
  return true;
}

}  // namespace tug::runtimed
