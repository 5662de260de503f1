// SPDX-License-Identifier: Apache-2.0
#include "services/tree/apply/apply_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "lib/archive/whiteout.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/files/tree_removal.h"
#include "lib/sys/file.h"
#include "services/tree/apply/archive_error.h"
#include "services/tree/apply/attributes.h"

namespace tug::tree {
namespace {

using archive::EntryType;
using archive::TarEntry;
using archive::WhiteoutKind;

constexpr size_t kMaxOpenDirectories = 64;
// What keeping a directory's time takes besides its path.
constexpr size_t kDirectoryTimeCost = 128;
// What an entry takes besides its content, at least: an inode.
constexpr int64_t kEntryCost = 512;
constexpr uint64_t kResolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
constexpr int kDirectoryFlags = O_RDONLY | O_DIRECTORY;

mode_t NodeType(EntryType type) {
  if (type == EntryType::kCharDevice) return S_IFCHR;
  return type == EntryType::kBlockDevice ? S_IFBLK : S_IFIFO;
}

}  // namespace

absl::Status TreeApplier::Apply(archive::TarReader& reader) {
  while (true) {
    ASSIGN_OR_RETURN(const std::optional<TarEntry> entry, reader.Next());
    if (!entry.has_value()) break;
    if (++entries_ > kMaxEntries) {
      return InvalidArchive(
          absl::StrCat("more than ", kMaxEntries, " entries"));
    }
    absl::Status status = ApplyEntry(*entry, reader);
    if (status.ok()) status = space_.Charge(kEntryCost);
    if (!status.ok()) {
      return Annotate(
          status,
          absl::StrCat("entry \"", absl::CHexEscape(entry->path.substr(0, 300)),
                       "\""));
    }
  }
  RETURN_IF_ERROR(reader.Drain());
  return FinishDirectories();
}

absl::Status TreeApplier::ApplyEntry(const TarEntry& entry,
                                     archive::TarReader& reader) {
  ASSIGN_OR_RETURN(const std::string path, CleanEntryPath(entry.path));
  if (path.empty()) return ApplyRoot(entry);
  const SplitPath split = SplitEntryPath(path);
  archive::Whiteout whiteout = {WhiteoutKind::kNone, {}};
  if (form_ == TreeForm::kLayer) {
    whiteout = archive::ParseWhiteout(split.name);
  }
  if (whiteout.kind == WhiteoutKind::kInternal) return absl::OkStatus();
  if (whiteout.kind == WhiteoutKind::kInvalid) {
    return InvalidArchive("a whiteout without a name");
  }
  ASSIGN_OR_RETURN(const int parent, OpenDirectory(split.parent, true));
  if (whiteout.kind == WhiteoutKind::kOpaque) {
    return Report(ReportKind::kOpaque, split.parent);
  }
  if (whiteout.kind == WhiteoutKind::kRemove) {
    return ApplyWhiteout(parent, std::string(whiteout.name));
  }
  switch (entry.type) {
    case EntryType::kFile:
      return ApplyFile(parent, split.name, entry, reader);
    case EntryType::kDirectory:
      return ApplyDirectory(parent, split.name, path, entry);
    case EntryType::kHardLink:
      return ApplyHardLink(parent, split.name, entry);
    case EntryType::kSymlink:
      return ApplySymlink(parent, split.name, entry);
    case EntryType::kCharDevice:
    case EntryType::kBlockDevice:
    case EntryType::kFifo:
      return ApplyNode(parent, split.name, entry);
  }
  return InvalidArchive("unknown entry type");
}

absl::Status TreeApplier::Report(ReportKind kind, const std::string& path) {
  return form_ == TreeForm::kLayer ? report_.Add(kind, path) : absl::OkStatus();
}

absl::Status TreeApplier::ApplyRoot(const TarEntry& entry) {
  if (entry.type != EntryType::kDirectory) {
    return InvalidArchive("the root is no directory");
  }
  RETURN_IF_ERROR(Report(ReportKind::kRoot, ""));
  RETURN_IF_ERROR(RememberTime("", entry));
  return SetAttributes(root_, entry);
}

absl::Status TreeApplier::ApplyWhiteout(int parent, const std::string& name) {
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (mknodat(parent, name.c_str(), S_IFCHR, makedev(0, 0)) == 0) {
      return absl::OkStatus();
    }
    if (errno != EEXIST) return ArchiveError(errno, "make whiteout");
    RETURN_IF_ERROR(RemoveExisting(parent, name));
  }
  return ArchiveError(EEXIST, "make whiteout");
}

absl::Status TreeApplier::ApplyFile(int parent, const std::string& name,
                                    const TarEntry& entry,
                                    archive::TarReader& reader) {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  UniqueFd fd(openat(parent, name.c_str(), kFlags, 0600));
  if (!fd && errno == EEXIST) {
    RETURN_IF_ERROR(RemoveExisting(parent, name));
    fd.reset(openat(parent, name.c_str(), kFlags, 0600));
  }
  if (!fd) return ArchiveError(errno, "create file");
  int64_t position = 0;
  while (true) {
    ASSIGN_OR_RETURN(const archive::TarReader::Piece piece, reader.ReadPiece());
    if (piece.bytes.empty()) break;
    if (piece.offset != position &&
        lseek(fd.get(), piece.offset, SEEK_SET) < 0) {
      return ArchiveError(errno, "seek in file");
    }
    archive::FdSink sink(fd.get());
    RETURN_IF_ERROR(sink.Write(piece.bytes));
    RETURN_IF_ERROR(space_.Charge(static_cast<int64_t>(piece.bytes.size())));
    position = piece.offset + static_cast<int64_t>(piece.bytes.size());
  }
  if (position < entry.size && ftruncate(fd.get(), entry.size) != 0) {
    return ArchiveError(errno, "set file size");
  }
  RETURN_IF_ERROR(SetAttributes(fd.get(), entry));
  RETURN_IF_ERROR(SetTime(fd.get(), entry));
  struct stat info;
  if (fstat(fd.get(), &info) == 0) bytes_ += info.st_blocks * 512;
  return absl::OkStatus();
}

absl::Status TreeApplier::ApplyDirectory(int parent, const std::string& name,
                                         const std::string& path,
                                         const TarEntry& entry) {
  RETURN_IF_ERROR(MakeDirectoryAt(parent, name, path, true));
  const UniqueFd fd(
      openat(parent, name.c_str(), kDirectoryFlags | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return ArchiveError(errno, "open directory");
  RETURN_IF_ERROR(RememberTime(path, entry));
  return SetAttributes(fd.get(), entry);
}

absl::Status TreeApplier::RememberTime(const std::string& path,
                                       const TarEntry& entry) {
  const auto [time, added] = directory_times_.try_emplace(path);
  time->second = {entry.mtime_seconds, entry.mtime_nanoseconds};
  if (added) directory_times_bytes_ += path.size() + kDirectoryTimeCost;
  if (directory_times_bytes_ > kMaxDirectoryTimesBytes) {
    return InvalidArchive("too many directories, or too long paths of them");
  }
  return absl::OkStatus();
}

absl::Status TreeApplier::ApplyHardLink(int parent, const std::string& name,
                                        const TarEntry& entry) {
  ASSIGN_OR_RETURN(const std::string target, CleanEntryPath(entry.link_target));
  if (target.empty()) return InvalidArchive("a hard link to the root");
  const SplitPath split = SplitEntryPath(target);
  // The cache may close `parent` while the target's directory is opened.
  const UniqueFd here(openat(parent, ".", kDirectoryFlags | O_CLOEXEC));
  if (!here) return ArchiveError(errno, "open directory");
  ASSIGN_OR_RETURN(const int there, OpenDirectory(split.parent, false));
  struct stat source;
  if (fstatat(there, split.name.c_str(), &source, AT_SYMLINK_NOFOLLOW) != 0) {
    return ArchiveError(
        errno, absl::StrCat("hard link to \"", absl::CHexEscape(target),
                            "\", which the layer does not hold"));
  }
  struct stat existing;
  if (fstatat(here.get(), name.c_str(), &existing, AT_SYMLINK_NOFOLLOW) == 0) {
    const bool same =
        existing.st_ino == source.st_ino && existing.st_dev == source.st_dev;
    if (same) return SetLinkAttributes(here.get(), name, source, entry);
    RETURN_IF_ERROR(RemoveExisting(here.get(), name));
  }
  // Removing may have closed the cached directory.
  ASSIGN_OR_RETURN(const int again, OpenDirectory(split.parent, false));
  if (linkat(again, split.name.c_str(), here.get(), name.c_str(), 0) != 0) {
    return ArchiveError(errno, "hard link");
  }
  return SetLinkAttributes(here.get(), name, source, entry);
}

absl::Status TreeApplier::SetLinkAttributes(int parent, const std::string& name,
                                            const struct stat& info,
                                            const TarEntry& entry) {
  // Changing an owner to what it is would cost the file its capabilities,
  // which archivers do not repeat with a link.
  if ((info.st_uid != entry.uid || info.st_gid != entry.gid) &&
      fchownat(parent, name.c_str(), entry.uid, entry.gid,
               AT_SYMLINK_NOFOLLOW) != 0) {
    return ErrnoStatus(errno, "chown");
  }
  if (!S_ISLNK(info.st_mode) &&
      fchmodat(parent, name.c_str(), entry.mode, 0) != 0) {
    return ErrnoStatus(errno, "chmod");
  }
  if (S_ISREG(info.st_mode) && !entry.xattrs.empty()) {
    const UniqueFd fd(
        openat(parent, name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd) return ArchiveError(errno, "open file");
    RETURN_IF_ERROR(SetXattrs(fd.get(), entry));
  }
  return SetTimeOfNode(parent, name, entry);
}

absl::Status TreeApplier::ApplySymlink(int parent, const std::string& name,
                                       const TarEntry& entry) {
  const char* target = entry.link_target.c_str();
  if (symlinkat(target, parent, name.c_str()) != 0) {
    if (errno != EEXIST) return ArchiveError(errno, "symbolic link");
    RETURN_IF_ERROR(RemoveExisting(parent, name));
    if (symlinkat(target, parent, name.c_str()) != 0) {
      return ArchiveError(errno, "symbolic link");
    }
  }
  return SetAttributesOfNode(parent, name, entry, bytes_);
}

absl::Status TreeApplier::ApplyNode(int parent, const std::string& name,
                                    const TarEntry& entry) {
  const mode_t mode = NodeType(entry.type);
  const dev_t device = makedev(entry.device_major, entry.device_minor);
  if (mknodat(parent, name.c_str(), mode, device) != 0) {
    if (errno != EEXIST) return ArchiveError(errno, "make node");
    RETURN_IF_ERROR(RemoveExisting(parent, name));
    if (mknodat(parent, name.c_str(), mode, device) != 0) {
      return ArchiveError(errno, "make node");
    }
  }
  return SetAttributesOfNode(parent, name, entry, bytes_);
}

absl::Status TreeApplier::RemoveExisting(int parent, const std::string& name) {
  RETURN_IF_ERROR(RemoveTree(parent, name));
  // Cached paths may lead through what is gone; only `parent` is still in use.
  for (auto it = open_directories_.begin(); it != open_directories_.end();) {
    const bool used = it->second.get() == parent;
    it = used ? std::next(it) : open_directories_.erase(it);
  }
  return absl::OkStatus();
}

absl::StatusOr<int> TreeApplier::OpenDirectory(const std::string& path,
                                               bool make) {
  if (path.empty()) return root_;
  const auto found = open_directories_.find(path);
  if (found != open_directories_.end()) return found->second.get();
  UniqueFd fd;
  const long result =
      sys::OpenAt2(root_, path.c_str(), kDirectoryFlags, 0, kResolve);
  if (result >= 0) {
    fd.reset(static_cast<int>(result));
  } else if (make && (result == -ENOENT || result == -ENOTDIR)) {
    ASSIGN_OR_RETURN(fd, MakeMissing(path));
  } else {
    return ArchiveError(
        result, absl::StrCat("open directory ", absl::CHexEscape(path)));
  }
  if (open_directories_.size() >= kMaxOpenDirectories) {
    open_directories_.clear();
  }
  const int answer = fd.get();
  open_directories_[path] = std::move(fd);
  return answer;
}

absl::Status TreeApplier::FinishDirectories() {
  open_directories_.clear();
  for (const auto& [path, time] : directory_times_) {
    // Something else may stand there by now, or nothing.
    const UniqueFd fd(static_cast<int>(
        sys::OpenAt2(root_, path.empty() ? "." : path.c_str(),
                     kDirectoryFlags | O_NOFOLLOW, 0, kResolve)));
    struct stat info;
    if (fd.get() < 0 || fstat(fd.get(), &info) != 0) continue;
    bytes_ += info.st_blocks * 512;
    const timespec times[2] = {{0, UTIME_OMIT},
                               {time.seconds, time.nanoseconds}};
    if (futimens(fd.get(), times) != 0) {
      return ArchiveError(errno, "set directory time");
    }
  }
  return absl::OkStatus();
}

}  // namespace tug::tree
