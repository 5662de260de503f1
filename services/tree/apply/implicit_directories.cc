// SPDX-License-Identifier: Apache-2.0
//
// The part of TreeApplier that makes the directories which lead to an entry,
// where the archive does not describe them.
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <deque>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/status_macros.h"
#include "services/tree/apply/apply_tree.h"
#include "services/tree/apply/archive_error.h"

namespace tug::tree {
namespace {

constexpr int kDirectoryFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
// Links on the way of one path, as the kernel's own limit.
constexpr int kMaxLinks = 40;

bool IsWhiteoutDevice(const struct stat& info) {
  return S_ISCHR(info.st_mode) && info.st_rdev == makedev(0, 0);
}

// The text of a symbolic link in pieces, to be walked before `rest`.
absl::Status PrependLink(int parent, const std::string& name,
                         std::deque<std::string>& rest, bool& absolute) {
  char text[4096];
  const ssize_t size = readlinkat(parent, name.c_str(), text, sizeof(text));
  if (size < 0) return ArchiveError(errno, "read link");
  const absl::string_view target(text, static_cast<size_t>(size));
  const std::vector<std::string> parts = absl::StrSplit(target, '/');
  rest.insert(rest.begin(), parts.begin(), parts.end());
  absolute = absl::StartsWith(target, "/");
  return absl::OkStatus();
}

}  // namespace

// Walks down from the root, follows the layer's own symbolic links as if it
// were the whole file system (also those that lead to nothing yet, as Docker
// does), and makes what is not there. `at` is where the walk stands, a path
// without links; `rest` is what is still to be walked.
absl::StatusOr<UniqueFd> TreeApplier::MakeMissing(const std::string& path) {
  std::deque<std::string> rest = absl::StrSplit(path, '/');
  std::string at;
  UniqueFd current(openat(root_, ".", kDirectoryFlags));
  for (int links = 0; !rest.empty();) {
    const std::string name = std::move(rest.front());
    rest.pop_front();
    if (name.empty() || name == ".") continue;
    struct stat info = {};
    const bool up = name == "..";
    const bool there = !up && fstatat(current.get(), name.c_str(), &info,
                                      AT_SYMLINK_NOFOLLOW) == 0;
    if (up || (there && S_ISLNK(info.st_mode))) {
      bool absolute = false;
      if (!up) {
        if (++links > kMaxLinks)
          return InvalidArchive("too many symbolic links");
        RETURN_IF_ERROR(PrependLink(current.get(), name, rest, absolute));
      }
      if (absolute) at.clear();
      if (up) at = SplitEntryPath(at).parent;
      ASSIGN_OR_RETURN(const int again, OpenDirectory(at, false));
      current.reset(openat(again, ".", kDirectoryFlags));
      continue;
    }
    at = at.empty() ? name : absl::StrCat(at, "/", name);
    if (!there || IsWhiteoutDevice(info)) {
      RETURN_IF_ERROR(MakeImplicit(current.get(), name, at));
    }
    current.reset(
        openat(current.get(), name.c_str(), kDirectoryFlags | O_NOFOLLOW));
    if (!current) {
      return ArchiveError(
          errno, absl::StrCat("open directory ", absl::CHexEscape(at)));
    }
    if (!there && fstat(current.get(), &info) == 0) {
      bytes_ += info.st_blocks * 512;
    }
  }
  return current;
}

absl::Status TreeApplier::MakeImplicit(int parent, const std::string& name,
                                       const std::string& path) {
  RETURN_IF_ERROR(Report(ReportKind::kImplicit, path));
  RETURN_IF_ERROR(MakeDirectoryAt(parent, name, path, false));
  const auto hint = hints_.find(path);
  if (hint == hints_.end()) return absl::OkStatus();
  if (fchownat(parent, name.c_str(), hint->second.uid, hint->second.gid,
               AT_SYMLINK_NOFOLLOW) != 0 ||
      fchmodat(parent, name.c_str(), hint->second.mode, 0) != 0) {
    return ArchiveError(errno, "set attributes of a directory");
  }
  return absl::OkStatus();
}

absl::Status TreeApplier::MakeDirectoryAt(int parent, const std::string& name,
                                          const std::string& path,
                                          bool replace) {
  if (mkdirat(parent, name.c_str(), 0755) == 0) return absl::OkStatus();
  if (errno != EEXIST) return ArchiveError(errno, "make directory");
  struct stat info;
  if (fstatat(parent, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
    return ArchiveError(errno, "stat");
  }
  if (S_ISDIR(info.st_mode)) return absl::OkStatus();
  const bool whiteout = IsWhiteoutDevice(info);
  if (!whiteout && !replace) return ArchiveError(ENOTDIR, "make directory");
  RETURN_IF_ERROR(RemoveExisting(parent, name));
  if (mkdirat(parent, name.c_str(), 0755) != 0) {
    return ArchiveError(errno, "make directory");
  }
  // The whiteout hid the lower directory; so does an opaque one.
  if (!whiteout) return absl::OkStatus();
  return Report(ReportKind::kOpaque, path);
}

}  // namespace tug::tree
