// SPDX-License-Identifier: Apache-2.0
#include "lib/program/listen_fds.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "lib/base/status.h"

namespace tug {
namespace {

// sd_listen_fds(3): the first descriptor that is handed over.
constexpr int kFirstFd = 3;
constexpr int kMaxListenFds = 64;
constexpr int kBacklog = 1024;

struct HandedOver {
  std::string name;
  UniqueFd fd;
};

bool IsForThisProcess() {
  const char* pid = std::getenv("LISTEN_PID");
  if (pid == nullptr) return true;
  int wanted = 0;
  return absl::SimpleAtoi(pid, &wanted) && wanted == getpid();
}

std::vector<HandedOver> ReadEnvironment() {
  std::vector<HandedOver> handed_over;
  const char* count_text = std::getenv("LISTEN_FDS");
  int count = 0;
  if (count_text == nullptr || !absl::SimpleAtoi(count_text, &count) ||
      count < 1 || count > kMaxListenFds || !IsForThisProcess()) {
    return handed_over;
  }
  const char* names_text = std::getenv("LISTEN_FDNAMES");
  const std::vector<std::string> names =
      absl::StrSplit(names_text == nullptr ? "" : names_text, ':');
  for (int i = 0; i < count; ++i) {
    const int fd = kFirstFd + i;
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) continue;
    const auto index = static_cast<size_t>(i);
    handed_over.push_back(
        {index < names.size() ? names[index] : "unknown", UniqueFd(fd)});
  }
  return handed_over;
}

// The environment is the process's, hence so is this list.
std::vector<HandedOver>& Inherited() {
  static auto* const inherited = [] {
    auto* list = new std::vector<HandedOver>(ReadEnvironment());
    // Programs that this one starts must not take the numbers for theirs.
    for (const char* name : {"LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"}) {
      unsetenv(name);
    }
    return list;
  }();
  return *inherited;
}

// Guards Inherited().
absl::Mutex& InheritedMutex() {
  static absl::Mutex mutex(absl::kConstInit);
  return mutex;
}

std::optional<UniqueFd> TakeFirst(
    absl::FunctionRef<bool(const HandedOver&)> wanted) {
  absl::MutexLock lock(&InheritedMutex());
  for (HandedOver& one : Inherited()) {
    if (one.fd.valid() && wanted(one)) return std::move(one.fd);
  }
  return std::nullopt;
}

absl::Status UnlinkStale(const std::string& path) {
  struct stat found = {};
  if (lstat(path.c_str(), &found) != 0) {
    if (errno == ENOENT) return absl::OkStatus();
    return ErrnoStatus(errno, absl::StrCat("look at ", path));
  }
  if (!S_ISSOCK(found.st_mode)) {
    return absl::FailedPreconditionError(
        absl::StrCat("listen on ", path, ": exists and is no socket"));
  }
  if (unlink(path.c_str()) != 0 && errno != ENOENT) {
    return ErrnoStatus(errno, absl::StrCat("remove stale socket ", path));
  }
  return absl::OkStatus();
}

}  // namespace

void AdoptListenFds() { (void)Inherited(); }

bool HasListenFds() {
  absl::MutexLock lock(&InheritedMutex());
  return absl::c_any_of(Inherited(),
                        [](const HandedOver& one) { return one.fd.valid(); });
}

std::optional<UniqueFd> TakeListenFd(const std::string& name) {
  return TakeFirst([&name](const HandedOver& one) { return one.name == name; });
}

std::optional<UniqueFd> TakeAnyListenFd() {
  return TakeFirst([](const HandedOver&) { return true; });
}

absl::StatusOr<UniqueFd> ListenUnix(const std::string& path, unsigned mode) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path)) {
    return absl::InvalidArgumentError(
        absl::StrCat("listen on ", path, ": the path must have 1 to ",
                     sizeof(address.sun_path) - 1, " bytes"));
  }
  memcpy(address.sun_path, path.data(), path.size());
  absl::Status unlinked = UnlinkStale(path);
  if (!unlinked.ok()) return unlinked;
  UniqueFd listener(
      socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!listener) return ErrnoStatus(errno, "open unix socket");
  // bind(2) makes the file with the mode of the descriptor, so that nobody can
  // connect before the final mode is set.
  if (fchmod(listener.get(), 0) != 0 ||
      bind(listener.get(), reinterpret_cast<sockaddr*>(&address),
           sizeof(address)) != 0 ||
      chmod(path.c_str(), mode) != 0 || listen(listener.get(), kBacklog) != 0) {
    return ErrnoStatus(errno, absl::StrCat("listen on ", path));
  }
  return listener;
}

}  // namespace tug
