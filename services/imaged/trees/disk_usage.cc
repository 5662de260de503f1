// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/trees/disk_usage.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/sys/unique_fd.h"
#include "services/imaged/files/directory.h"

namespace tug::imaged {

absl::StatusOr<int64_t> MeasureDisk(int root, const char* path) {
  int64_t bytes = 0;
  std::set<std::pair<dev_t, ino_t>> counted;
  std::vector<std::string> todo = {path};
  while (!todo.empty()) {
    const std::string directory = std::move(todo.back());
    todo.pop_back();
    const UniqueFd fd(OpenResolved(root, directory.c_str(),
                                   O_RDONLY | O_DIRECTORY | O_NOFOLLOW,
                                   RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS));
    if (fd.get() == -ENOENT) continue;
    if (fd.get() < 0) return ErrnoStatus(fd.get(), "measure directory");
    struct stat info;
    if (fstat(fd.get(), &info) == 0) bytes += info.st_blocks * 512;
    ASSIGN_OR_RETURN(const std::vector<std::string> names, ListNames(fd.get()));
    for (const std::string& name : names) {
      if (fstatat(fd.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
        continue;
      }
      if (S_ISDIR(info.st_mode)) {
        todo.push_back(absl::StrCat(directory, "/", name));
      } else if (info.st_nlink < 2 ||
                 counted.emplace(info.st_dev, info.st_ino).second) {
        bytes += info.st_blocks * 512;
      }
    }
  }
  return bytes;
}

}  // namespace tug::imaged
