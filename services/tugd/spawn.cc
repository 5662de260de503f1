// SPDX-License-Identifier: Apache-2.0
#include "services/tugd/spawn.h"

#include <fcntl.h>
#include <spawn.h>

#include <cerrno>
#include <csignal>
#include <memory>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/sys/unique_fd.h"

namespace tug::tugd {
namespace {

constexpr int kFirstFd = 3;
// Above every number that a program's descriptors get, so that no dup2 of the
// spawn overwrites a descriptor that a later one reads.
constexpr int kOutOfTheWay = 256;

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) {
    pointers.push_back(const_cast<char*>(text.c_str()));
  }
  pointers.push_back(nullptr);
  return pointers;
}

class Attributes {
 public:
  Attributes() {
    posix_spawnattr_init(&attributes_);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes_, &signals);
    sigaddset(&signals, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes_, &signals);
    posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawn_file_actions_init(&actions_);
  }
  ~Attributes() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;

  posix_spawnattr_t attributes_;
  posix_spawn_file_actions_t actions_;
};

}  // namespace

absl::StatusOr<pid_t> Spawn(const Program& program) {
  Attributes setup;
  std::vector<UniqueFd> moved;
  for (const int fd : program.fds) {
    moved.emplace_back(fcntl(fd, F_DUPFD_CLOEXEC, kOutOfTheWay));
    if (!moved.back()) return ErrnoStatus(errno, "duplicate a descriptor");
    const int target = kFirstFd + static_cast<int>(moved.size()) - 1;
    posix_spawn_file_actions_adddup2(&setup.actions_, moved.back().get(),
                                     target);
  }
  std::vector<std::string> words = {program.path};
  words.insert(words.end(), program.arguments.begin(),
               program.arguments.end());
  pid_t pid = -1;
  const int error = posix_spawn(
      &pid, program.path.c_str(), &setup.actions_, &setup.attributes_,
      Pointers(words).data(), Pointers(program.environment).data());
  if (error != 0) {
    return ErrnoStatus(error, absl::StrCat("start ", program.path));
  }
  return pid;
}

}  // namespace tug::tugd
