// SPDX-License-Identifier: Apache-2.0
#include "lib/files/pinned_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/sys/file.h"
#include "lib/sys/foreign_file.h"

namespace tug {
namespace {

constexpr uint64_t kResolve =
    RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
// How often a look-up may be asked for again because something was renamed
// meanwhile (openat2(2), EAGAIN).
constexpr int kMaxTries = 100;

}  // namespace

absl::StatusOr<PinnedFile> PinnedFile::Open(int root, const std::string& path) {
  long opened = -EAGAIN;
  for (int i = 0; i < kMaxTries && opened == -EAGAIN; ++i) {
    opened = sys::OpenAt2(root, path.c_str(), O_PATH | O_NOFOLLOW, 0, kResolve);
  }
  if (opened < 0) {
    return ErrnoStatus(static_cast<int>(opened),
                       absl::StrCat("open ", absl::CHexEscape(path)));
  }
  UniqueFd fd(static_cast<int>(opened));
  struct stat info;
  if (fstat(fd.get(), &info) != 0) {
    return ErrnoStatus(errno, absl::StrCat("stat ", absl::CHexEscape(path)));
  }
  return PinnedFile(std::move(fd), info);
}

absl::StatusOr<UniqueFd> PinnedFile::OpenForReading() const {
  int opened = -1;
  if (S_ISDIR(info_.st_mode)) {
    opened = openat(fd_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  } else if (S_ISREG(info_.st_mode)) {
    // The kernel's link leads to the very inode, whatever its name is by now.
    opened = open(absl::StrCat("/proc/self/fd/", fd_.get()).c_str(),
                  O_RDONLY | sys::kNeverWait);
  } else {
    return absl::FailedPreconditionError("neither a file nor a directory");
  }
  if (opened < 0) return ErrnoStatus(errno, "open for reading");
  return UniqueFd(opened);
}

absl::StatusOr<std::string> PinnedFile::ReadLink() const {
  char target[PATH_MAX];
  const ssize_t size = readlinkat(fd_.get(), "", target, sizeof(target));
  if (size < 0) return ErrnoStatus(errno, "read link");
  return std::string(target, static_cast<size_t>(size));
}

}  // namespace tug
