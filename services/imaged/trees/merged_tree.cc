// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/trees/merged_tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <deque>
#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/imaged/files/directory.h"

namespace tug::imaged {
namespace {

constexpr uint64_t kResolve =
    RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
constexpr int kDirectoryFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
// As the kernel's own limit.
constexpr int kMaxLinks = 40;
constexpr size_t kMaxComponents = 4096;

bool Vanished(int error) {
  return error == -ENOENT || error == -ENOTDIR || error == -ELOOP;
}

std::string Join(const std::string& directory, const std::string& name) {
  return directory == "." ? name : absl::StrCat(directory, "/", name);
}

std::string ParentOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

// Where the layers below have this directory, after it was renamed there
// (redirect_dir): "/path" from the root, "name" beside it.
std::string RedirectedPath(int directory, const std::string& below) {
  char value[4096];
  const ssize_t size =
      fgetxattr(directory, "trusted.overlay.redirect", value, sizeof(value));
  if (size <= 0) return below;
  const absl::string_view target(value, static_cast<size_t>(size));
  if (target[0] == '/') return std::string(target.substr(1));
  return Join(ParentOf(below), std::string(target));
}

struct ListedName {
  std::string name;
  bool whiteout = false;
};

// The kernel says of most names what they are not; only a device, or what it
// says nothing of, has to be looked at to tell a whiteout.
absl::StatusOr<std::vector<ListedName>> ListWithWhiteouts(int directory) {
  ASSIGN_OR_RETURN(const std::vector<NameAndType> names,
                   ListTypedNames(directory));
  std::vector<ListedName> listed;
  listed.reserve(names.size());
  for (const auto& [name, type] : names) {
    bool whiteout = false;
    if (type == DT_CHR || type == DT_UNKNOWN) {
      const absl::StatusOr<PinnedFile> file = PinnedFile::Open(directory, name);
      if (!file.ok()) continue;  // Gone meanwhile.
      whiteout = IsWhiteout(file->info());
    }
    listed.push_back({name, whiteout});
  }
  return listed;
}

}  // namespace

bool IsWhiteout(const struct stat& info) {
  return S_ISCHR(info.st_mode) && info.st_rdev == makedev(0, 0);
}

bool IsOpaque(int directory) {
  char value[2] = {};
  return fgetxattr(directory, "trusted.overlay.opaque", value, sizeof(value)) ==
             1 &&
         value[0] == 'y';
}

MergedTree::Directory MergedTree::Root() const {
  Directory root;
  for (size_t i = 0; i < layers_.size(); ++i) root.parts.push_back({i, "."});
  return root;
}

absl::StatusOr<std::map<std::string, MergedTree::Place>> MergedTree::List(
    const Directory& directory) const {
  std::map<std::string, Place> places;
  std::set<std::string> hidden;
  for (size_t part = 0; part < directory.parts.size(); ++part) {
    const Directory::Part& where = directory.parts[part];
    const UniqueFd fd(OpenResolved(layer_root(where.layer), where.path.c_str(),
                                   kDirectoryFlags, kResolve));
    if (Vanished(fd.get())) continue;
    if (fd.get() < 0) return ErrnoStatus(fd.get(), "open directory");
    ASSIGN_OR_RETURN(const std::vector<ListedName> names,
                     ListWithWhiteouts(fd.get()));
    for (const ListedName& listed : names) {
      const std::string& name = listed.name;
      if (hidden.count(name) > 0 || places.count(name) > 0) continue;
      if (listed.whiteout) {
        hidden.insert(name);
      } else {
        places.emplace(name, Place{where.layer, Join(where.path, name), part});
      }
    }
  }
  return places;
}

absl::StatusOr<std::optional<MergedTree::Entry>> MergedTree::Look(
    const Place& place) const {
  absl::StatusOr<PinnedFile> file =
      PinnedFile::Open(layer_root(place.layer), place.path);
  if (Vanished(-StatusErrno(file.status()))) return std::nullopt;
  RETURN_IF_ERROR(file.status());
  if (IsWhiteout(file->info())) return std::nullopt;
  return Entry{place, *std::move(file)};
}

absl::StatusOr<std::optional<MergedTree::Entry>> MergedTree::Lookup(
    const Directory& directory, const std::string& name) const {
  for (size_t part = 0; part < directory.parts.size(); ++part) {
    const Directory::Part& where = directory.parts[part];
    Place place = {where.layer, Join(where.path, name), part};
    absl::StatusOr<PinnedFile> file =
        PinnedFile::Open(layer_root(where.layer), place.path);
    if (Vanished(-StatusErrno(file.status()))) continue;
    RETURN_IF_ERROR(file.status());
    if (IsWhiteout(file->info())) return std::nullopt;
    return Entry{std::move(place), *std::move(file)};
  }
  return std::nullopt;
}

absl::StatusOr<MergedTree::Directory> MergedTree::Enter(
    const Directory& parent, const std::string& name,
    const Place& place) const {
  Directory directory;
  // Set once a directory further up has been renamed from elsewhere; from then
  // on every layer below is asked for that path.
  std::optional<std::string> redirected;
  for (size_t part = place.part; part < parent.parts.size(); ++part) {
    const Directory::Part& where = parent.parts[part];
    std::string path = redirected ? *redirected : Join(where.path, name);
    const UniqueFd fd(OpenResolved(layer_root(where.layer), path.c_str(),
                                   kDirectoryFlags, kResolve));
    if (fd.get() == -ENOENT) continue;
    // A file, link or whiteout ends the stack.
    if (fd.get() < 0) break;
    const bool opaque = IsOpaque(fd.get());
    std::string below = RedirectedPath(fd.get(), path);
    if (below != path) redirected = std::move(below);
    directory.parts.push_back({where.layer, std::move(path)});
    if (opaque) break;
  }
  return directory;
}

absl::StatusOr<MergedTree::Resolved> MergedTree::Resolve(
    absl::string_view path) const {
  std::deque<std::string> todo = absl::StrSplit(path, '/', absl::SkipEmpty());
  std::vector<Directory> stack = {Root()};
  Resolved result;
  result.directory = Root();
  int links = 0;
  size_t steps = 0;
  while (!todo.empty()) {
    if (++steps > kMaxComponents) {
      return absl::InvalidArgumentError("the path is too long");
    }
    const std::string name = std::move(todo.front());
    todo.pop_front();
    if (name == ".") continue;
    if (name == "..") {
      if (stack.size() > 1) stack.pop_back();
      result = Resolved();
      result.directory = stack.back();
      continue;
    }
    ASSIGN_OR_RETURN(std::optional<Entry> entry, Lookup(stack.back(), name));
    if (!entry) {
      return absl::NotFoundError(absl::StrCat("no \"", absl::CHexEscape(name),
                                              "\" on the way of ",
                                              absl::CHexEscape(path)));
    }
    const mode_t mode = entry->file.info().st_mode;
    if (S_ISLNK(mode)) {
      if (++links > kMaxLinks) {
        return absl::InvalidArgumentError("too many symbolic links");
      }
      ASSIGN_OR_RETURN(const std::string target, entry->file.ReadLink());
      const std::vector<std::string> more =
          absl::StrSplit(target, '/', absl::SkipEmpty());
      todo.insert(todo.begin(), more.begin(), more.end());
      if (absl::StartsWith(target, "/")) stack.resize(1);
      result = Resolved();
      result.directory = stack.back();
      continue;
    }
    Directory next;
    if (S_ISDIR(mode)) {
      ASSIGN_OR_RETURN(next, Enter(stack.back(), name, entry->place));
    } else if (!todo.empty()) {
      return absl::NotFoundError(
          absl::StrCat("\"", absl::CHexEscape(name), "\" is no directory"));
    }
    result = Resolved{name, stack.back(), std::move(entry), std::nullopt};
    if (S_ISDIR(mode)) {
      result.directory = next;
      stack.push_back(std::move(next));
    }
  }
  return result;
}

}  // namespace tug::imaged
