// SPDX-License-Identifier: Apache-2.0
#include "services/tree/apply/attributes.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"

namespace tug::tree {
namespace {

// The kernel's limits; a longer one is the archive's fault.
constexpr size_t kMaxXattrName = 255;
constexpr size_t kMaxXattrValue = 64 << 10;

}  // namespace

bool IsAllowedXattr(absl::string_view name) {
  if (absl::StartsWith(name, "user.")) {
    return !absl::StartsWith(name, "user.overlay.");
  }
  return name == "security.capability" || name == "system.posix_acl_access" ||
         name == "system.posix_acl_default";
}

absl::Status SetXattrs(int fd, const archive::TarEntry& entry) {
  for (const auto& [name, value] : entry.xattrs) {
    if (!IsAllowedXattr(name)) continue;
    if (name.size() > kMaxXattrName || value.size() > kMaxXattrValue) {
      return absl::InvalidArgumentError("an extended attribute is too large");
    }
    if (fsetxattr(fd, name.c_str(), value.data(), value.size(), 0) == 0) {
      continue;
    }
    // A file system without user attributes or ACLs still holds the content.
    if (errno == ENOTSUP && name != "security.capability") continue;
    return ErrnoStatus(errno, absl::StrCat("set attribute ", name));
  }
  return absl::OkStatus();
}

absl::Status SetAttributes(int fd, const archive::TarEntry& entry) {
  // The owner first: changing it clears setuid and capabilities.
  if (fchown(fd, entry.uid, entry.gid) != 0) return ErrnoStatus(errno, "chown");
  if (fchmod(fd, entry.mode) != 0) return ErrnoStatus(errno, "chmod");
  return SetXattrs(fd, entry);
}

absl::Status SetTime(int fd, const archive::TarEntry& entry) {
  const timespec times[2] = {{0, UTIME_OMIT},
                             {entry.mtime_seconds, entry.mtime_nanoseconds}};
  if (futimens(fd, times) != 0) return ErrnoStatus(errno, "set time");
  return absl::OkStatus();
}

absl::Status SetTimeOfNode(int parent, const std::string& name,
                           const archive::TarEntry& entry) {
  const timespec times[2] = {{0, UTIME_OMIT},
                             {entry.mtime_seconds, entry.mtime_nanoseconds}};
  if (utimensat(parent, name.c_str(), times, AT_SYMLINK_NOFOLLOW) != 0) {
    return ErrnoStatus(errno, "set time");
  }
  return absl::OkStatus();
}

absl::Status SetAttributesOfNode(int parent, const std::string& name,
                                 const archive::TarEntry& entry,
                                 int64_t& bytes) {
  if (fchownat(parent, name.c_str(), entry.uid, entry.gid,
               AT_SYMLINK_NOFOLLOW) != 0) {
    return ErrnoStatus(errno, "chown");
  }
  if (entry.type != archive::EntryType::kSymlink &&
      fchmodat(parent, name.c_str(), entry.mode, 0) != 0) {
    return ErrnoStatus(errno, "chmod");
  }
  RETURN_IF_ERROR(SetTimeOfNode(parent, name, entry));
  struct stat info;
  if (fstatat(parent, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0) {
    bytes += info.st_blocks * 512;
  }
  return absl::OkStatus();
}

}  // namespace tug::tree
