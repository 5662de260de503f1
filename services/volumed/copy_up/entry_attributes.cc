// SPDX-License-Identifier: Apache-2.0
#include "services/volumed/copy_up/entry_attributes.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"

namespace tug::volumed {
namespace {

// What content carries along; anything else (trusted.*, labels of security
// modules) is this host's business.
bool IsContentXattr(absl::string_view name) {
  return absl::StartsWith(name, "user.") || name == "security.capability" ||
         name == "system.posix_acl_access" ||
         name == "system.posix_acl_default";
}

void Times(const archive::TarEntry& entry, timespec times[2]) {
  times[0] = {0, UTIME_OMIT};
  times[1] = {entry.mtime_seconds, entry.mtime_nanoseconds};
}

}  // namespace

absl::Status SetAttributes(int fd, const archive::TarEntry& entry) {
  // The owner first: changing it clears setuid bits and capabilities.
  if (fchown(fd, entry.uid, entry.gid) != 0) return ErrnoStatus(errno, "chown");
  if (fchmod(fd, entry.mode) != 0) return ErrnoStatus(errno, "chmod");
  for (const auto& [name, value] : entry.xattrs) {
    if (!IsContentXattr(name)) continue;
    if (fsetxattr(fd, name.c_str(), value.data(), value.size(), 0) == 0 ||
        errno == ENOTSUP) {
      continue;
    }
    return ErrnoStatus(errno, absl::StrCat("set attribute ", name));
  }
  return absl::OkStatus();
}

absl::Status SetNodeAttributes(int parent, const std::string& name,
                               const archive::TarEntry& entry) {
  if (fchownat(parent, name.c_str(), entry.uid, entry.gid,
               AT_SYMLINK_NOFOLLOW) != 0) {
    return ErrnoStatus(errno, "chown");
  }
  if (entry.type != archive::EntryType::kSymlink &&
      fchmodat(parent, name.c_str(), entry.mode, 0) != 0) {
    return ErrnoStatus(errno, "chmod");
  }
  timespec times[2];
  Times(entry, times);
  if (utimensat(parent, name.c_str(), times, AT_SYMLINK_NOFOLLOW) != 0) {
    return ErrnoStatus(errno, "set time");
  }
  return absl::OkStatus();
}

absl::Status SetTime(int fd, const archive::TarEntry& entry) {
  timespec times[2];
  Times(entry, times);
  if (futimens(fd, times) != 0) return ErrnoStatus(errno, "set time");
  return absl::OkStatus();
}

}  // namespace tug::volumed
