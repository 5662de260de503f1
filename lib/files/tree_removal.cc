// SPDX-License-Identifier: Apache-2.0
#include "lib/files/tree_removal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/sys/file.h"

namespace tug {
namespace {

constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
constexpr uint64_t kResolve =
    RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
// How often directories may be found filled again after they were emptied. A
// file system may hide a name from a reader once; who fills them on purpose
// does not hold us up for ever.
constexpr int kMaxRefilled = 1000;
constexpr size_t kAtOnce = 1 << 20;

absl::Status Failed(int error, const std::string& name) {
  return ErrnoStatus(error, absl::StrCat("remove ", absl::CHexEscape(name)));
}

// 0, or an errno: EISDIR where the name stands for a directory.
int Unlink(int directory, const char* name) {
  if (unlinkat(directory, name, 0) == 0 || errno == ENOENT) return 0;
  return errno;
}

// 0, or an errno: ENOTEMPTY where something is left in the directory.
int RemoveDirectory(int directory, const char* name) {
  if (unlinkat(directory, name, AT_REMOVEDIR) == 0 || errno == ENOENT) return 0;
  return errno == EEXIST ? ENOTEMPTY : errno;
}

// The next name other than "." and ".."; null at the end, with errno 0.
const dirent* NextEntry(DIR* stream) {
  while (true) {
    errno = 0;
    const dirent* entry = readdir(stream);
    if (entry == nullptr) return nullptr;
    const char* name = entry->d_name;
    const bool dots = name[0] == '.' &&
                      (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
    if (!dots) return entry;
  }
}

}  // namespace

TreeRemoval::TreeRemoval(int parent, std::string name)
    : parent_(parent), name_(std::move(name)) {}

absl::StatusOr<TreeRemoval::Level> TreeRemoval::Open(int directory,
                                                     const std::string& name) {
  const long opened =
      sys::OpenAt2(directory, name.c_str(), kFlags, 0, kResolve);
  if (opened == -EXDEV) {
    return absl::FailedPreconditionError(absl::StrCat(
        "remove ", absl::CHexEscape(name), ": something is mounted there"));
  }
  if (opened < 0) return Failed(static_cast<int>(opened), name);
  UniqueFd fd(static_cast<int>(opened));
  struct stat info;
  if (fstat(fd.get(), &info) != 0) return Failed(errno, name);
  Level level;
  level.stream.reset(fdopendir(fd.get()));
  if (level.stream == nullptr) return Failed(errno, name);
  (void)fd.release();  // The stream's now.
  level.identity = {info.st_dev, info.st_ino};
  return level;
}

// True when there is nothing to walk through.
absl::StatusOr<bool> TreeRemoval::Begin() {
  begun_ = true;
  const int error = Unlink(parent_, name_.c_str());
  if (error == 0) return true;
  if (error != EISDIR) return Failed(error, name_);
  RETURN_IF_ERROR(Descend(parent_, name_));
  return false;
}

void TreeRemoval::CloseUppermost() {
  above_.push_back(streams_.front().identity);
  streams_.pop_front();
}

absl::Status TreeRemoval::Descend(int directory, const std::string& name) {
  absl::StatusOr<Level> level = Open(directory, name);
  // Somebody else was quicker.
  if (StatusErrno(level.status()) == ENOENT) return absl::OkStatus();
  RETURN_IF_ERROR(level.status());
  level->name = name;
  if (streams_.size() == kMaxStreams) CloseUppermost();
  streams_.push_back(*std::move(level));
  return absl::OkStatus();
}

absl::Status TreeRemoval::RemoveEntry(const dirent& entry) {
  const int directory = dirfd(streams_.back().stream.get());
  if (entry.d_type != DT_DIR) {
    const int error = Unlink(directory, entry.d_name);
    if (error == 0) return absl::OkStatus();
    if (error != EISDIR) return Failed(error, entry.d_name);
  }
  const int error = RemoveDirectory(directory, entry.d_name);
  if (error == 0) return absl::OkStatus();
  if (error == ENOTEMPTY) return Descend(directory, entry.d_name);
  return Failed(error, entry.d_name);
}

// Takes away a directory whose end was reached.
absl::Status TreeRemoval::RemoveEmptied(int directory,
                                        const std::string& name) {
  const int error = RemoveDirectory(directory, name.c_str());
  if (error == 0) return absl::OkStatus();
  if (error != ENOTEMPTY) return Failed(error, name);
  if (++refilled_ > kMaxRefilled) {
    return absl::AbortedError(absl::StrCat("remove ", absl::CHexEscape(name),
                                           ": it is being filled meanwhile"));
  }
  return Descend(directory, name);
}

// The deepest level is empty: goes on in the one above.
absl::Status TreeRemoval::Leave() {
  const Level left = std::move(streams_.back());
  streams_.pop_back();
  if (!streams_.empty()) {
    return RemoveEmptied(dirfd(streams_.back().stream.get()), left.name);
  }
  if (above_.empty()) return RemoveEmptied(parent_, name_);
  ASSIGN_OR_RETURN(Level up, Open(dirfd(left.stream.get()), ".."));
  if (!(up.identity == above_.back())) {
    return absl::AbortedError("a directory was moved while being removed");
  }
  above_.pop_back();
  streams_.push_back(std::move(up));
  return absl::OkStatus();
}

absl::StatusOr<bool> TreeRemoval::Advance(size_t entries) {
  if (!begun_) {
    ASSIGN_OR_RETURN(gone_, Begin());
  }
  for (size_t i = 0; i < entries && !gone_; ++i) {
    if (streams_.empty()) {
      gone_ = true;
      break;
    }
    const dirent* entry = NextEntry(streams_.back().stream.get());
    if (entry != nullptr) {
      RETURN_IF_ERROR(RemoveEntry(*entry));
    } else if (errno != 0) {
      return ErrnoStatus(errno, "read a directory that is being removed");
    } else {
      RETURN_IF_ERROR(Leave());
    }
  }
  return gone_ || streams_.empty();
}

void TreeRemoval::Rest() {
  while (streams_.size() > 1) CloseUppermost();
}

absl::Status RemoveTree(int parent, const std::string& name) {
  TreeRemoval removal(parent, name);
  while (true) {
    ASSIGN_OR_RETURN(const bool gone, removal.Advance(kAtOnce));
    if (gone) return absl::OkStatus();
  }
}

}  // namespace tug
