// SPDX-License-Identifier: Apache-2.0
#include "services/volumed/drivers/local/directory_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"

namespace tug::volumed {
namespace {

constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

struct CloseDir {
  void operator()(DIR* stream) const { closedir(stream); }
};
using DirStream = std::unique_ptr<DIR, CloseDir>;

absl::StatusOr<DirStream> OpenStream(int directory) {
  UniqueFd own(openat(directory, ".", kFlags));
  if (!own) return ErrnoStatus(errno, "open directory");
  DirStream stream(fdopendir(own.get()));
  if (stream == nullptr) return ErrnoStatus(errno, "read directory");
  (void)own.release();  // The stream's now.
  return stream;
}

// The next name other than "." and ".."; null at the end.
const dirent* NextEntry(DIR* stream) {
  while (const dirent* entry = readdir(stream)) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") return entry;
  }
  return nullptr;
}

}  // namespace

absl::StatusOr<UniqueFd> OpenDirectory(int parent, const std::string& name) {
  UniqueFd directory(openat(parent, name.c_str(), kFlags));
  if (!directory) return ErrnoStatus(errno, absl::StrCat("open ", name));
  return directory;
}

absl::StatusOr<UniqueFd> OpenBeneath(int root, const std::string& path,
                                     int flags) {
  open_how how = {};
  how.flags = static_cast<uint64_t>(flags) | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  const long fd = syscall(SYS_openat2, root, path.c_str(), &how, sizeof(how));
  if (fd < 0) return ErrnoStatus(errno, absl::StrCat("open ", path));
  return UniqueFd(static_cast<int>(fd));
}

absl::StatusOr<UniqueFd> MakeDirectory(int parent, const std::string& name,
                                       unsigned mode) {
  const bool made = mkdirat(parent, name.c_str(), 0700) == 0;
  if (!made && errno != EEXIST) {
    return ErrnoStatus(errno, absl::StrCat("make directory ", name));
  }
  ASSIGN_OR_RETURN(UniqueFd directory, OpenDirectory(parent, name));
  if (made && fchmod(directory.get(), mode) != 0) {
    return ErrnoStatus(errno, absl::StrCat("chmod ", name));
  }
  return directory;
}

absl::StatusOr<bool> IsEmptyDirectory(int directory) {
  ASSIGN_OR_RETURN(const DirStream stream, OpenStream(directory));
  return NextEntry(stream.get()) == nullptr;
}

}  // namespace tug::volumed
