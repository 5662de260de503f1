// SPDX-License-Identifier: Apache-2.0
#include "lib/files/tree_walk.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/sys/file.h"
#include "lib/sys/unique_fd.h"

namespace tug {
namespace {

constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
constexpr uint64_t kResolve =
    RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;

absl::Status Failed(int error, const std::string& name) {
  return ErrnoStatus(error, absl::StrCat("open ", absl::CHexEscape(name)));
}

bool IsDots(const char* name) {
  return name[0] == '.' &&
         (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

}  // namespace

absl::StatusOr<const dirent*> TreeWalk::Next() {
  while (true) {
    errno = 0;
    const dirent* entry = readdir(streams_.back().stream.get());
    if (entry == nullptr && errno != 0) {
      return ErrnoStatus(errno, "read a directory");
    }
    if (entry == nullptr || !IsDots(entry->d_name)) return entry;
  }
}

absl::StatusOr<TreeWalk::Level> TreeWalk::Open(int directory,
                                               const std::string& name) {
  const long opened =
      sys::OpenAt2(directory, name.c_str(), kFlags, 0, kResolve);
  if (opened == -EXDEV) {
    return absl::FailedPreconditionError(absl::StrCat(
        "open ", absl::CHexEscape(name), ": something is mounted there"));
  }
  if (opened < 0) return Failed(static_cast<int>(opened), name);
  UniqueFd fd(static_cast<int>(opened));
  struct stat info;
  if (fstat(fd.get(), &info) != 0) return Failed(errno, name);
  Level level;
  level.stream.reset(fdopendir(fd.get()));
  if (level.stream == nullptr) return Failed(errno, name);
  (void)fd.release();  // The stream's now.
  level.device = info.st_dev;
  level.inode = info.st_ino;
  return level;
}

void TreeWalk::CloseUppermost() {
  const Level& level = streams_.front();
  above_.push_back({level.device, level.inode, telldir(level.stream.get())});
  streams_.pop_front();
}

absl::Status TreeWalk::Enter(int parent, const std::string& name) {
  ASSIGN_OR_RETURN(Level level, Open(parent, name));
  level.name = name;
  if (streams_.size() == kMaxStreams) CloseUppermost();
  streams_.push_back(std::move(level));
  return absl::OkStatus();
}

absl::StatusOr<TreeWalk::Left> TreeWalk::Leave() {
  Level left = std::move(streams_.back());
  streams_.pop_back();
  if (!streams_.empty()) return Left{std::move(left.name)};
  if (above_.empty()) return Left{};
  ASSIGN_OR_RETURN(Level up, Open(dirfd(left.stream.get()), ".."));
  const Closed& expected = above_.back();
  if (up.device != expected.device || up.inode != expected.inode) {
    return absl::AbortedError("a directory was moved meanwhile");
  }
  if (again_ == Again::kWhereItWas) {
    seekdir(up.stream.get(), expected.position);
  }
  above_.pop_back();
  streams_.push_back(std::move(up));
  return Left{};
}

void TreeWalk::Rest() {
  while (streams_.size() > 1) CloseUppermost();
}

}  // namespace tug
