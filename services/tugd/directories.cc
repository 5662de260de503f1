// SPDX-License-Identifier: Apache-2.0
#include "services/tugd/directories.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/sys/unique_fd.h"
#include "services/tugd/accounts.h"
#include "services/tugd/services.h"

namespace tug::tugd {
namespace {

constexpr mode_t kRunMode = 0755;
constexpr mode_t kStateMode = 0710;

absl::Status MakeOne(const std::string& path, mode_t mode, uid_t uid,
                     gid_t gid) {
  if (mkdir(path.c_str(), mode) != 0 && errno != EEXIST) {
    return ErrnoStatus(errno, absl::StrCat("make directory ", path));
  }
  const UniqueFd directory(
      open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory || fchown(directory.get(), uid, gid) != 0 ||
      fchmod(directory.get(), mode) != 0) {
    return ErrnoStatus(errno, absl::StrCat("set up directory ", path));
  }
  return absl::OkStatus();
}

absl::Status MakeTop(const std::string& path, mode_t mode, gid_t group) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) {
    return ErrnoStatus(error.value(), absl::StrCat("make directory ", path));
  }
  return MakeOne(path, mode, geteuid(), group);
}

}  // namespace

absl::Status MakeDirectories(const TugdConfig& config, gid_t group) {
  RETURN_IF_ERROR(MakeTop(config.run_directory(), kRunMode, group));
  RETURN_IF_ERROR(MakeTop(config.state_directory(), kStateMode, group));
  for (const Service& service : kServices) {
    const Account account = AccountOf(service, config);
    for (const std::string& parent :
         {config.run_directory(), config.state_directory()}) {
      RETURN_IF_ERROR(MakeOne(absl::StrCat(parent, "/", service.name),
                              kStateMode, account.uid, account.gid));
    }
  }
  return absl::OkStatus();
}

}  // namespace tug::tugd
