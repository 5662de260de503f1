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
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"

namespace tug::volumed {
namespace {

constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
constexpr int64_t kBlockBytes = 512;  // Unit of st_blocks.
// Hard-linked files whose identity is remembered while measuring.
constexpr size_t kMaxLinkedFiles = 1 << 20;

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

absl::StatusOr<struct stat> Stat(int directory) {
  struct stat info;
  if (fstat(directory, &info) != 0) return ErrnoStatus(errno, "stat");
  return info;
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

absl::StatusOr<int64_t> MeasureTree(int directory) {
  ASSIGN_OR_RETURN(const struct stat top, Stat(directory));
  int64_t bytes = top.st_blocks * kBlockBytes;
  std::set<ino_t> linked;
  // Paths relative to the top, so that depth costs no descriptors.
  std::vector<std::string> open = {"."};
  while (!open.empty()) {
    const std::string path = std::move(open.back());
    open.pop_back();
    const auto here = OpenBeneath(directory, path, O_RDONLY | O_DIRECTORY);
    if (!here.ok()) continue;  // Gone meanwhile.
    const auto stream = OpenStream(here->get());
    if (!stream.ok()) continue;
    while (const dirent* entry = NextEntry(stream->get())) {
      struct stat info;
      if (fstatat(here->get(), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) !=
              0 ||
          info.st_dev != top.st_dev) {
        continue;
      }
      if (!S_ISDIR(info.st_mode) && info.st_nlink > 1 &&
          linked.size() < kMaxLinkedFiles &&
          !linked.insert(info.st_ino).second) {
        continue;
      }
      bytes += info.st_blocks * kBlockBytes;
      if (S_ISDIR(info.st_mode)) {
        open.push_back(absl::StrCat(path, "/", entry->d_name));
      }
    }
  }
  return bytes;
}

absl::StatusOr<bool> IsEmptyDirectory(int directory) {
  ASSIGN_OR_RETURN(const DirStream stream, OpenStream(directory));
  return NextEntry(stream.get()) == nullptr;
}

}  // namespace tug::volumed
