// SPDX-License-Identifier: Apache-2.0
#include "lib/confine/confine.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/kernel/capability.h"
#include "lib/sys/process.h"
#include "lib/sys/unique_fd.h"

namespace tug {
namespace {

constexpr unsigned long kHarmless = MS_NODEV | MS_NOSUID | MS_NOEXEC;

absl::Status CheckSingleThread() {
  std::error_code error;
  std::filesystem::directory_iterator tasks("/proc/self/task", error);
  if (error) return ErrnoStatus(error.value(), "count the threads");
  if (std::distance(begin(tasks), end(tasks)) != 1) {
    return absl::FailedPreconditionError(
        "confine: there is more than one thread");
  }
  return absl::OkStatus();
}

absl::Status KeepCapabilities(uint64_t wanted) {
  // What the machine withholds from us cannot be kept, and who is not root has
  // none to give up.
  const uint64_t kept = geteuid() == 0 ? wanted & kernel::OwnBoundingSet() : 0;
  if (geteuid() == 0) {
    const long limited = sys::LimitBoundingSet(kept);
    if (limited < 0) {
      return ErrnoStatus(static_cast<int>(-limited), "limit the bounding set");
    }
  }
  const long set = sys::SetCapabilities(kept);
  if (set < 0) {
    return ErrnoStatus(static_cast<int>(-set), "give up capabilities");
  }
  return absl::OkStatus();
}

// An existing file or directory becomes visible at `target`.
absl::Status Bind(const std::string& source, const std::string& target) {
  if (mount(source.c_str(), target.c_str(), nullptr, MS_BIND, nullptr) != 0) {
    return ErrnoStatus(errno, absl::StrCat("bind ", source));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Confine(const Confinement& confinement) {
  RETURN_IF_ERROR(CheckSingleThread());
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return ErrnoStatus(errno, "forbid new privileges");
  }
  // Else another service of the same user and no more capabilities could look
  // into this one.
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
    return ErrnoStatus(errno, "forbid debugging");
  }
  RETURN_IF_ERROR(KeepCapabilities(confinement.capabilities));
  RETURN_IF_ERROR(
      confinement.files.has_value()
          ? RestrictFiles(*confinement.files, confinement.may_signal)
          : RestrictSignals());
  return InstallSyscallFilter(confinement.calls);
}

absl::Status MakeOwnMount(const std::string& directory) {
  if (unshare(CLONE_NEWNS) != 0) {
    return ErrnoStatus(errno, "unshare the mount namespace");
  }
  if (mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0) {
    return ErrnoStatus(errno, "keep mounts to this process");
  }
  return Bind(directory, directory);
}

absl::Status MakeHarmlessMount(const std::string& directory) {
  RETURN_IF_ERROR(MakeOwnMount(directory));
  if (mount(nullptr, directory.c_str(), nullptr,
            MS_REMOUNT | MS_BIND | kHarmless, nullptr) != 0) {
    return ErrnoStatus(errno, absl::StrCat("make harmless ", directory));
  }
  return absl::OkStatus();
}

absl::Status HideAllBut(const std::string& directory,
                        const std::vector<std::string>& kept) {
  // The kept ones stay reachable by descriptor while they are covered.
  std::vector<std::pair<std::string, UniqueFd>> files;
  for (const std::string& path : kept) {
    UniqueFd file(open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    if (file) files.emplace_back(path, std::move(file));
  }
  if (mount("tug", directory.c_str(), "tmpfs", kHarmless,
            "mode=755,size=64k") != 0) {
    return ErrnoStatus(errno, absl::StrCat("cover ", directory));
  }
  for (const auto& [path, file] : files) {
    const UniqueFd place(
        open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (!place) return ErrnoStatus(errno, absl::StrCat("make ", path));
    RETURN_IF_ERROR(Bind(absl::StrCat("/proc/self/fd/", file.get()), path));
  }
  return absl::OkStatus();
}

}  // namespace tug
