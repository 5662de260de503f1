// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/files/remove_tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/sys/unique_fd.h"
#include "services/imaged/files/directory.h"

namespace tug::imaged {
namespace {

constexpr int kOpenFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

// A directory above the one being emptied.
struct Level {
  std::string name;
  dev_t device;
  ino_t inode;
};

// Unlinks what is no directory, removes empty directories, and answers the
// name of the first directory that is not empty, or "" if none is left.
absl::StatusOr<std::string> EmptyOnce(int directory) {
  ASSIGN_OR_RETURN(const std::vector<std::string> names, ListNames(directory));
  for (const std::string& name : names) {
    if (unlinkat(directory, name.c_str(), 0) == 0 || errno == ENOENT) continue;
    if (errno != EISDIR && errno != EPERM) {
      return ErrnoStatus(errno, absl::StrCat("remove ", name));
    }
    if (unlinkat(directory, name.c_str(), AT_REMOVEDIR) == 0) continue;
    if (errno == ENOTEMPTY || errno == EEXIST) return name;
    return ErrnoStatus(errno, absl::StrCat("remove ", name));
  }
  return std::string();
}

absl::StatusOr<UniqueFd> Ascend(int directory, const Level& parent) {
  UniqueFd up(openat(directory, "..", kOpenFlags));
  struct stat info;
  if (!up || fstat(up.get(), &info) != 0) {
    return ErrnoStatus(errno, "open parent directory");
  }
  if (info.st_dev != parent.device || info.st_ino != parent.inode) {
    return absl::AbortedError("a directory was moved while being removed");
  }
  return up;
}

}  // namespace

absl::Status RemoveTree(int directory, const std::string& name) {
  if (unlinkat(directory, name.c_str(), 0) == 0 || errno == ENOENT) {
    return absl::OkStatus();
  }
  if (errno != EISDIR && errno != EPERM) {
    return ErrnoStatus(errno, absl::StrCat("remove ", name));
  }
  UniqueFd current(openat(directory, name.c_str(), kOpenFlags));
  if (!current) return ErrnoStatus(errno, absl::StrCat("open ", name));
  std::vector<Level> above;
  while (true) {
    ASSIGN_OR_RETURN(const std::string child, EmptyOnce(current.get()));
    if (!child.empty()) {
      struct stat info;
      if (fstat(current.get(), &info) != 0) return ErrnoStatus(errno, "stat");
      UniqueFd next(openat(current.get(), child.c_str(), kOpenFlags));
      if (!next) return ErrnoStatus(errno, absl::StrCat("open ", child));
      above.push_back({child, info.st_dev, info.st_ino});
      current = std::move(next);
      continue;
    }
    if (above.empty()) break;
    ASSIGN_OR_RETURN(current, Ascend(current.get(), above.back()));
    above.pop_back();
  }
  if (unlinkat(directory, name.c_str(), AT_REMOVEDIR) != 0) {
    return ErrnoStatus(errno, absl::StrCat("remove ", name));
  }
  return absl::OkStatus();
}

}  // namespace tug::imaged
