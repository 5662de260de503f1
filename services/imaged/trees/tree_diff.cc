// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/trees/tree_diff.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/imaged/files/directory.h"
#include "services/imaged/stacks/base_layer.h"
#include "services/imaged/trees/unchanged_file.h"

namespace tug::imaged {
namespace {

using image::v1::DiffSnapshotResponse;
using Directory = MergedTree::Directory;
using Entry = MergedTree::Entry;

constexpr int kMaxDepth = 2048;
// Of one change in a message, besides its path.
constexpr size_t kChangeOverhead = 8;

class Differ {
 public:
  explicit Differ(const MergedTree& tree) : tree_(tree) {}

  // `upper`: a directory of layer 0; `lower`: the merged one without it.
  absl::Status Walk(int upper, const Directory& lower, const std::string& path,
                    int depth);

  DiffSnapshotResponse response;

 private:
  absl::Status Add(const std::string& path, DiffSnapshotResponse::Kind kind);
  absl::Status WalkName(int upper, const Directory& lower,
                        const std::string& name, const std::string& path,
                        int depth);
  absl::Status WalkDirectory(const PinnedFile& directory,
                             const Directory& below,
                             DiffSnapshotResponse::Kind own,
                             const std::string& path, int depth);
  absl::Status DeleteHidden(int upper, const Directory& lower,
                            const std::vector<std::string>& names,
                            const std::string& path);

  const MergedTree& tree_;
  ByteBudget budget_{kMaxChanges};
  FileComparer comparer_;
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
  const std::set<absl::string_view> shown(names.begin(), names.end());
  ASSIGN_OR_RETURN(const auto below, tree_.List(lower));
  for (const auto& [name, place] : below) {
    if (shown.count(name) > 0) continue;
    RETURN_IF_ERROR(
        Add(absl::StrCat(path, "/", name), DiffSnapshotResponse::DELETED));
  }
  return absl::OkStatus();
}

// `own`: what the directory itself counts as if nothing in it changed;
// KIND_UNSPECIFIED for nothing.
absl::Status Differ::WalkDirectory(const PinnedFile& directory,
                                   const Directory& below,
                                   DiffSnapshotResponse::Kind own,
                                   const std::string& path, int depth) {
  const int before = response.changes_size();
  {
    ASSIGN_OR_RETURN(const UniqueFd upper, directory.OpenForReading());
    RETURN_IF_ERROR(Walk(upper.get(), below, path, depth + 1));
  }
  const bool inside = response.changes_size() > before;
  if (own == DiffSnapshotResponse::KIND_UNSPECIFIED) {
    if (!inside) return absl::OkStatus();
    own = DiffSnapshotResponse::MODIFIED;
  }
  return Add(path, own);
}

absl::Status Differ::WalkName(int upper, const Directory& lower,
                              const std::string& name, const std::string& path,
                              int depth) {
  const absl::StatusOr<PinnedFile> file = PinnedFile::Open(upper, name);
  if (!file.ok()) return absl::OkStatus();  // Gone meanwhile.
  DiffSnapshotResponse::Kind own = DiffSnapshotResponse::ADDED;
  Directory below;
  {
    // Not kept while the walk is below it.
    ASSIGN_OR_RETURN(const std::optional<Entry> entry,
                     tree_.Lookup(lower, name));
    if (IsWhiteout(file->info())) {
      return entry ? Add(path, DiffSnapshotResponse::DELETED)
                   : absl::OkStatus();
    }
    // Made by a start, since the image had deleted it.
    if (!entry && IsOfBaseLayer(path)) {
      own = DiffSnapshotResponse::KIND_UNSPECIFIED;
    }
    if (entry) {
      own = comparer_.Same(*file, entry->file)
                ? DiffSnapshotResponse::KIND_UNSPECIFIED
                : DiffSnapshotResponse::MODIFIED;
      if (S_ISDIR(entry->file.info().st_mode)) {
        ASSIGN_OR_RETURN(below, tree_.Enter(lower, name, entry->place));
      }
    }
  }
  if (S_ISDIR(file->info().st_mode)) {
    return WalkDirectory(*file, below, own, path, depth);
  }
  return own == DiffSnapshotResponse::KIND_UNSPECIFIED ? absl::OkStatus()
                                                       : Add(path, own);
}

absl::Status Differ::Walk(int upper, const Directory& lower,
                          const std::string& path, int depth) {
  if (depth > kMaxDepth) {
    return absl::InvalidArgumentError(
        absl::StrCat("more than ", kMaxDepth, " directories deep"));
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> names, ListNames(upper));
  RETURN_IF_ERROR(DeleteHidden(upper, lower, names, path));
  for (const std::string& name : names) {
    RETURN_IF_ERROR(
        WalkName(upper, lower, name, absl::StrCat(path, "/", name), depth));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<DiffSnapshotResponse> DiffTree(const MergedTree& tree) {
  Directory lower = tree.Root();
  lower.parts.erase(lower.parts.begin());
  Differ differ(tree);
  ASSIGN_OR_RETURN(const PinnedFile top,
                   PinnedFile::Open(tree.layer_root(0), "."));
  ASSIGN_OR_RETURN(const UniqueFd upper, top.OpenForReading());
  RETURN_IF_ERROR(differ.Walk(upper.get(), lower, "", 0));
  std::sort(differ.response.mutable_changes()->begin(),
            differ.response.mutable_changes()->end(),
            [](const auto& a, const auto& b) { return a.path() < b.path(); });
  return std::move(differ.response);
}

}  // namespace tug::imaged
