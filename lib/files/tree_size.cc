// SPDX-License-Identifier: Apache-2.0
#include "lib/files/tree_size.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <utility>

#include "absl/container/flat_hash_set.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/files/tree_walk.h"

namespace tug {
namespace {

constexpr int64_t kBlockBytes = 512;  // Unit of st_blocks.

class TreeSize {
 public:
  absl::Status Add(int directory, const char* name, TreeWalk& walk) {
    struct stat info;
    if (fstatat(directory, name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
      return absl::OkStatus();
    }
    if (!S_ISDIR(info.st_mode)) {
      AddFile(info);
      return absl::OkStatus();
    }
    if (walk.depth() >= kMaxMeasuredDepth) return absl::OkStatus();
    const absl::Status entered = walk.Enter(directory, name);
    // Something is mounted there, or it is gone or another thing by now.
    if (absl::IsFailedPrecondition(entered) || StatusErrno(entered) == ENOENT ||
        StatusErrno(entered) == ENOTDIR || StatusErrno(entered) == ELOOP) {
      return absl::OkStatus();
    }
    bytes += info.st_blocks * kBlockBytes;
    return entered;
  }

  int64_t bytes = 0;

 private:
  void AddFile(const struct stat& info) {
    if (info.st_nlink > 1 && linked_.size() < kMaxLinkedFiles &&
        !linked_.emplace(info.st_dev, info.st_ino).second) {
      return;
    }
    bytes += info.st_blocks * kBlockBytes;
  }

  absl::flat_hash_set<std::pair<dev_t, ino_t>> linked_;
};

}  // namespace

absl::StatusOr<int64_t> MeasureTree(int top) {
  TreeSize size;
  TreeWalk walk(TreeWalk::Again::kWhereItWas);
  struct stat info;
  if (fstat(top, &info) != 0) return ErrnoStatus(errno, "stat");
  size.bytes = info.st_blocks * kBlockBytes;
  RETURN_IF_ERROR(walk.Enter(top, "."));
  while (!walk.done()) {
    ASSIGN_OR_RETURN(const dirent* const entry, walk.Next());
    if (entry != nullptr) {
      RETURN_IF_ERROR(size.Add(walk.directory(), entry->d_name, walk));
      continue;
    }
    const absl::Status left = walk.Leave().status();
    if (absl::IsAborted(left) || StatusErrno(left) == ENOENT) break;
    RETURN_IF_ERROR(left);
  }
  return size.bytes;
}

}  // namespace tug
