// SPDX-License-Identifier: Apache-2.0
#include "services/tugd/log_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/sys/unique_fd.h"

namespace tug::tugd {
namespace {

constexpr mode_t kMode = 0640;

}  // namespace

absl::StatusOr<LogFile> LogFile::Redirect(const std::string& path) {
  const UniqueFd file(
      open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, kMode));
  // The mode also of a file that a shell has made for tugd's first words.
  if (!file || fchmod(file.get(), kMode) != 0 ||
      dup2(file.get(), STDERR_FILENO) < 0) {
    return ErrnoStatus(errno, absl::StrCat("log to ", path));
  }
  return LogFile(path);
}

absl::Status LogFile::RotateIfLarge() const {
  struct stat now = {};
  if (fstat(STDERR_FILENO, &now) != 0 || now.st_size <= kMaxBytes) {
    return absl::OkStatus();
  }
  std::error_code error;
  std::filesystem::copy_file(
      path_, path_ + ".1", std::filesystem::copy_options::overwrite_existing,
      error);
  if (error) {
    return ErrnoStatus(error.value(), absl::StrCat("copy ", path_));
  }
  // Copying leaves the mode of an older one alone.
  if (chmod((path_ + ".1").c_str(), kMode) != 0) {
    return ErrnoStatus(errno, absl::StrCat("set the mode of ", path_, ".1"));
  }
  if (ftruncate(STDERR_FILENO, 0) != 0) {
    return ErrnoStatus(errno, absl::StrCat("truncate ", path_));
  }
  return absl::OkStatus();
}

}  // namespace tug::tugd
