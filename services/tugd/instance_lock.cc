// SPDX-License-Identifier: Apache-2.0
#include "services/tugd/instance_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"

namespace tug::tugd {
namespace {

constexpr mode_t kMode = 0644;

}  // namespace

absl::StatusOr<UniqueFd> LockInstance(const std::string& run_directory) {
  const std::string path = absl::StrCat(run_directory, "/tugd.pid");
  UniqueFd file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kMode));
  if (!file) return ErrnoStatus(errno, absl::StrCat("open ", path));
  if (flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("lock ", path, ": another tugd serves ", run_directory));
  }
  const std::string pid = absl::StrCat(getpid(), "\n");
  if (ftruncate(file.get(), 0) != 0 ||
      write(file.get(), pid.data(), pid.size()) !=
          static_cast<ssize_t>(pid.size())) {
    return ErrnoStatus(errno, absl::StrCat("write ", path));
  }
  return file;
}

}  // namespace tug::tugd
