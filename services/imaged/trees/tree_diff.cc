// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/trees/tree_diff.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/imaged/files/directory.h"

namespace tug::imaged {
namespace {

using image::v1::DiffSnapshotResponse;
using Directory = MergedTree::Directory;
using Entry = MergedTree::Entry;

constexpr int kMaxDepth = 2048;
// Of one change in a message, besides its path.
constexpr size_t kChangeOverhead = 8;

bool SameAttributes(const struct stat& a, const struct stat& b) {
  return a.st_mode == b.st_mode && a.st_uid == b.st_uid &&
         a.st_gid == b.st_gid && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
         a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

class Differ {
 public:
  explicit Differ(const MergedTree& tree) : tree_(tree) {}

  // `upper` is a path in layer 0; `lower` the merged directory without it.
  absl::Status Walk(const std::string& upper, const Directory& lower,
                    const std::string& path, int depth);

  DiffSnapshotResponse response;

 private:
  absl::Status Add(const std::string& path, DiffSnapshotResponse::Kind kind);
  absl::Status WalkDirectory(const std::string& upper, const Directory& lower,
                             const std::string& name,
                             const std::optional<Entry>& below,
                             const struct stat& info, const std::string& path,
                             int depth);
  absl::Status DeleteHidden(int upper, const Directory& lower,
                            const std::vector<std::string>& names,
                            const std::string& path);

  const MergedTree& tree_;
  ByteBudget budget_{kMaxChanges};
};

absl::Status Differ::Add(const std::string& path,
                         DiffSnapshotResponse::Kind kind) {
  if (!budget_.TryTake(path.size() + kChangeOverhead)) {
    return absl::ResourceExhaustedError(
        absl::StrCat("more than ", kMaxChanges.count, " changed paths, or ",
                     kMaxChanges.bytes, " bytes of them"));
  }
  DiffSnapshotResponse::Change* change = response.add_changes();
  change->set_path(path);
  change->set_kind(kind);
  return absl::OkStatus();
}

// An opaque directory hides every lower name that it does not have itself.
absl::Status Differ::DeleteHidden(int upper, const Directory& lower,
                                  const std::vector<std::string>& names,
                                  const std::string& path) {
  if (!IsOpaque(upper)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto below, tree_.List(lower));
  for (const auto& [name, entry] : below) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    RETURN_IF_ERROR(
        Add(absl::StrCat(path, "/", name), DiffSnapshotResponse::DELETED));
  }
  return absl::OkStatus();
}

absl::Status Differ::WalkDirectory(const std::string& upper,
                                   const Directory& lower,
                                   const std::string& name,
                                   const std::optional<Entry>& below,
                                   const struct stat& info,
                                   const std::string& path, int depth) {
  const bool both = below && S_ISDIR(below->info.st_mode);
  Directory child;
  if (both) {
    ASSIGN_OR_RETURN(child, tree_.Enter(lower, name, *below));
  }
  const int before = response.changes_size();
  RETURN_IF_ERROR(Walk(upper, child, path, depth + 1));
  const bool inside = response.changes_size() > before;
  if (both && !inside && SameAttributes(info, below->info)) {
    return absl::OkStatus();
  }
  return Add(path, below ? DiffSnapshotResponse::MODIFIED
                         : DiffSnapshotResponse::ADDED);
}

absl::Status Differ::Walk(const std::string& upper, const Directory& lower,
                          const std::string& path, int depth) {
  if (depth > kMaxDepth) {
    return absl::InvalidArgumentError(
        absl::StrCat("more than ", kMaxDepth, " directories deep"));
  }
  const UniqueFd fd(OpenResolved(tree_.layer_root(0), upper.c_str(),
                                 O_RDONLY | O_DIRECTORY | O_NOFOLLOW,
                                 RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS));
  if (fd.get() == -ENOENT) return absl::OkStatus();  // Gone meanwhile.
  if (fd.get() < 0) return ErrnoStatus(fd.get(), "open directory");
  ASSIGN_OR_RETURN(const std::vector<std::string> names, ListNames(fd.get()));
  RETURN_IF_ERROR(DeleteHidden(fd.get(), lower, names, path));
  for (const std::string& name : names) {
    struct stat info;
    if (fstatat(fd.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
      continue;
    }
    ASSIGN_OR_RETURN(const std::optional<Entry> below,
                     tree_.Lookup(lower, name));
    const std::string child_path = absl::StrCat(path, "/", name);
    const std::string child_upper =
        upper == "." ? name : absl::StrCat(upper, "/", name);
    if (IsWhiteout(info)) {
      if (below) {
        RETURN_IF_ERROR(Add(child_path, DiffSnapshotResponse::DELETED));
      }
    } else if (S_ISDIR(info.st_mode)) {
      RETURN_IF_ERROR(WalkDirectory(child_upper, lower, name, below, info,
                                    child_path, depth));
    } else {
      RETURN_IF_ERROR(Add(child_path, below ? DiffSnapshotResponse::MODIFIED
                                            : DiffSnapshotResponse::ADDED));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<DiffSnapshotResponse> DiffTree(const MergedTree& tree) {
  Directory lower = tree.Root();
  lower.parts.erase(lower.parts.begin());
  Differ differ(tree);
  RETURN_IF_ERROR(differ.Walk(".", lower, "", 0));
  std::sort(differ.response.mutable_changes()->begin(),
            differ.response.mutable_changes()->end(),
            [](const auto& a, const auto& b) { return a.path() < b.path(); });
  return std::move(differ.response);
}

}  // namespace tug::imaged
