// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/stacks/base_hints.h"

#include <unistd.h>

#include <deque>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/status_macros.h"
#include "services/imaged/unpack/entry_path.h"

namespace tug::imaged {
namespace {

// Paths looked at for one layer, links included.
constexpr size_t kMaxPaths = 1 << 20;

// The entry at a path, no symbolic link followed on the way; absent when there
// is none, or when a link stands before it.
absl::StatusOr<std::optional<MergedTree::Entry>> Find(const MergedTree& tree,
                                                      const std::string& path) {
  MergedTree::Directory directory = tree.Root();
  std::optional<MergedTree::Entry> entry;
  const std::vector<std::string> names = absl::StrSplit(path, '/');
  for (size_t i = 0; i < names.size(); ++i) {
    ASSIGN_OR_RETURN(entry, tree.Lookup(directory, names[i]));
    if (!entry || i + 1 == names.size()) return entry;
    if (!S_ISDIR(entry->info.st_mode)) return std::nullopt;
    ASSIGN_OR_RETURN(directory, tree.Enter(directory, names[i], *entry));
  }
  return entry;
}

// A path and all its parents, outermost first.
void AddWithParents(const std::string& path, std::deque<std::string>& todo) {
  for (size_t end = path.find('/'); end != std::string::npos;
       end = path.find('/', end + 1)) {
    todo.push_back(path.substr(0, end));
  }
  todo.push_back(path);
}

std::string LinkText(const MergedTree& tree, const MergedTree::Entry& entry) {
  char text[4096];
  const ssize_t size = readlinkat(tree.layer_root(entry.layer),
                                  entry.path.c_str(), text, sizeof(text));
  return size < 0 ? "" : std::string(text, static_cast<size_t>(size));
}

}  // namespace

absl::StatusOr<BaseHints> FindBaseHints(
    const MergedTree& below, const std::vector<std::string>& implicit) {
  BaseHints hints;
  std::set<std::string> seen;
  std::deque<std::string> todo(implicit.begin(), implicit.end());
  while (!todo.empty()) {
    const std::string path = std::move(todo.front());
    todo.pop_front();
    if (!seen.insert(path).second) continue;
    if (seen.size() > kMaxPaths) {
      return absl::InvalidArgumentError("too many unlisted directories");
    }
    ASSIGN_OR_RETURN(const std::optional<MergedTree::Entry> entry,
                     Find(below, path));
    if (!entry) continue;
    BaseHint hint;
    if (S_ISLNK(entry->info.st_mode)) {
      hint.link_target = LinkText(below, *entry);
      const bool absolute = absl::StartsWith(hint.link_target, "/");
      const absl::StatusOr<std::string> target =
          CleanEntryPath(absolute ? hint.link_target
                                  : absl::StrCat(SplitEntryPath(path).parent,
                                                 "/", hint.link_target));
      if (target.ok() && !target->empty()) AddWithParents(*target, todo);
    } else if (S_ISDIR(entry->info.st_mode)) {
      hint.mode = entry->info.st_mode & 07777;
      hint.uid = entry->info.st_uid;
      hint.gid = entry->info.st_gid;
    }
    if (!hint.IsTrivial()) hints[path] = std::move(hint);
  }
  return hints;
}

}  // namespace tug::imaged
