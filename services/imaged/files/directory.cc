// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/files/directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"

namespace tug::imaged {

int OpenResolved(int root, const char* path, int flags, uint64_t resolve) {
  open_how how = {};
  how.flags = static_cast<uint64_t>(flags) | O_CLOEXEC;
  how.resolve = resolve;
  long fd = -1;
  do {
    fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
  } while (fd == -1 && (errno == EINTR || errno == EAGAIN));
  return fd == -1 ? -errno : static_cast<int>(fd);
}

absl::StatusOr<UniqueFd> OpenBeneath(int root, const std::string& path,
                                     int flags) {
  const int fd = OpenResolved(root, path.c_str(), flags,
                              RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
  if (fd < 0) return ErrnoStatus(fd, absl::StrCat("open ", path));
  return UniqueFd(fd);
}

absl::StatusOr<UniqueFd> MakeDirectory(int parent, const std::string& path,
                                       unsigned mode) {
  if (mkdirat(parent, path.c_str(), mode) != 0 && errno != EEXIST) {
    return ErrnoStatus(errno, absl::StrCat("make directory ", path));
  }
  UniqueFd fd(openat(parent, path.c_str(),
                     O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return ErrnoStatus(errno, absl::StrCat("open directory ", path));
  return fd;
}

absl::StatusOr<std::vector<NameAndType>> ListTypedNames(int directory) {
  const int copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (copy < 0) return ErrnoStatus(errno, "open directory");
  DIR* stream = fdopendir(copy);
  if (stream == nullptr) {
    close(copy);
    return ErrnoStatus(errno, "list directory");
  }
  std::vector<NameAndType> names;
  size_t bytes = 0;
  errno = 0;
  while (const dirent* entry = readdir(stream)) {
    const absl::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    bytes += sizeof(NameAndType) + name.size();
    if (bytes > kMaxListedBytes) {
      closedir(stream);
      return absl::ResourceExhaustedError(absl::StrCat(
          "a directory has more than ", kMaxListedBytes, " bytes of names"));
    }
    names.push_back({std::string(name), entry->d_type});
  }
  const int error = errno;
  closedir(stream);
  if (error != 0) return ErrnoStatus(error, "list directory");
  return names;
}

absl::StatusOr<std::vector<std::string>> ListNames(int directory) {
  ASSIGN_OR_RETURN(std::vector<NameAndType> typed, ListTypedNames(directory));
  std::vector<std::string> names;
  names.reserve(typed.size());
  for (NameAndType& entry : typed) names.push_back(std::move(entry.name));
  return names;
}

absl::Status Sync(int fd, absl::string_view what) {
  if (fsync(fd) != 0) return ErrnoStatus(errno, absl::StrCat("sync ", what));
  return absl::OkStatus();
}

}  // namespace tug::imaged
