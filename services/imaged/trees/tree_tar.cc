// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/trees/tree_tar.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/archive/tar_limits.h"
#include "lib/base/byte_budget.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/tree/apply/attributes.h"

namespace tug::imaged {
namespace {

using archive::EntryType;
using archive::TarEntry;

constexpr size_t kChunkSize = 256 << 10;
// First names of files with several that are remembered. Others are written
// again instead of as a link.
constexpr Bounds kMaxHardLinks = {.count = 1 << 20, .bytes = 32 << 20};
// Of one file's attributes; a reader takes twice as much of headers.
constexpr size_t kMaxXattrBytes = archive::kMaxExtendedBytes / 2;
// Directories in directories; deeper trees cannot be named by a path.
constexpr int kMaxDepth = 2048;

std::optional<EntryType> TypeOf(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return EntryType::kFile;
    case S_IFDIR:
      return EntryType::kDirectory;
    case S_IFLNK:
      return EntryType::kSymlink;
    case S_IFCHR:
      return EntryType::kCharDevice;
    case S_IFBLK:
      return EntryType::kBlockDevice;
    case S_IFIFO:
      return EntryType::kFifo;
    default:
      return std::nullopt;
  }
}

absl::Status ReadXattrs(int fd, TarEntry& entry) {
  std::string names(64 << 10, '\0');
  const ssize_t size = flistxattr(fd, names.data(), names.size());
  if (size <= 0) return absl::OkStatus();
  names.resize(static_cast<size_t>(size));
  size_t bytes = 0;
  for (absl::string_view name :
       absl::StrSplit(names, '\0', absl::SkipEmpty())) {
    if (!tree::IsAllowedXattr(name)) continue;
    std::string value(64 << 10, '\0');
    const ssize_t length =
        fgetxattr(fd, std::string(name).c_str(), value.data(), value.size());
    if (length < 0) continue;
    value.resize(static_cast<size_t>(length));
    bytes += name.size() + value.size();
    if (bytes > kMaxXattrBytes) {
      return absl::ResourceExhaustedError(
          absl::StrCat(absl::CHexEscape(entry.path), " has more than ",
                       kMaxXattrBytes, " bytes of extended attributes"));
    }
    entry.xattrs[std::string(name)] = std::move(value);
  }
  return absl::OkStatus();
}

// Where a file has content; one piece where its file system cannot tell. What
// lies behind the most pieces that a reader takes is content.
std::vector<archive::TarExtent> FindExtents(int fd, int64_t size) {
  std::vector<archive::TarExtent> extents;
  for (int64_t at = 0; at < size;) {
    const off_t data = lseek(fd, at, SEEK_DATA);
    if (data < 0 && errno == ENXIO) break;  // The rest is a hole.
    if (data < 0 || data >= size) {
      if (data < 0) extents = {{0, size}};
      break;
    }
    const off_t hole = lseek(fd, data, SEEK_HOLE);
    const bool last = extents.size() + 1 == archive::kMaxExtents;
    const int64_t end = hole < 0 || last ? size : std::min<int64_t>(hole, size);
    extents.push_back({data, end - data});
    at = end;
  }
  return extents;
}

class TreeWriter {
 public:
  TreeWriter(const MergedTree& tree, archive::TarWriter& writer,
             const std::function<bool()>& cancelled)
      : tree_(tree), writer_(writer), cancelled_(cancelled) {}

  // `name` as it shall stand in the tar, directories without the slash.
  absl::Status WriteEntry(const std::string& name, const PinnedFile& file);
  absl::Status WriteBelow(const std::string& prefix,
                          const MergedTree::Directory& directory, int depth);

 private:
  absl::Status WriteFile(TarEntry tar, int fd);
  absl::Status WriteContent(int fd, int64_t left);
  bool AsHardLink(const struct stat& info, TarEntry& tar);

  const MergedTree& tree_;
  archive::TarWriter& writer_;
  const std::function<bool()>& cancelled_;
  std::map<std::pair<dev_t, ino_t>, std::string> links_;
  ByteBudget link_budget_{kMaxHardLinks};
};

// The second and later names of an inode.
bool TreeWriter::AsHardLink(const struct stat& info, TarEntry& tar) {
  if (tar.type != EntryType::kFile || info.st_nlink < 2) return false;
  const std::pair<dev_t, ino_t> key = {info.st_dev, info.st_ino};
  const auto found = links_.find(key);
  if (found == links_.end()) {
    if (link_budget_.TryTake(tar.path.size())) links_[key] = tar.path;
    return false;
  }
  tar.type = EntryType::kHardLink;
  tar.link_target = found->second;
  tar.size = 0;
  return true;
}

absl::Status TreeWriter::WriteFile(TarEntry tar, int fd) {
  const std::vector<archive::TarExtent> extents = FindExtents(fd, tar.size);
  const bool whole = extents.size() == 1 && extents[0].length == tar.size;
  RETURN_IF_ERROR(whole || tar.size == 0 ? writer_.Begin(tar)
                                         : writer_.BeginSparse(tar, extents));
  for (const archive::TarExtent& extent : extents) {
    if (lseek(fd, extent.offset, SEEK_SET) < 0) {
      return ErrnoStatus(errno, "seek in file");
    }
    RETURN_IF_ERROR(WriteContent(fd, extent.length));
  }
  return absl::OkStatus();
}

absl::Status TreeWriter::WriteContent(int fd, int64_t left) {
  std::string buffer(kChunkSize, '\0');
  while (left > 0) {
    if (cancelled_ && cancelled_()) {
      return absl::CancelledError("the caller has left");
    }
    const size_t wanted = static_cast<size_t>(
        std::min<int64_t>(left, static_cast<int64_t>(buffer.size())));
    ssize_t count = read(fd, buffer.data(), wanted);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return ErrnoStatus(errno, "read file");
    // A file that shrinks meanwhile is padded: its size is already written.
    if (count == 0) {
      std::fill_n(buffer.begin(), wanted, '\0');
      count = static_cast<ssize_t>(wanted);
    }
    RETURN_IF_ERROR(writer_.Write(
        absl::string_view(buffer.data(), static_cast<size_t>(count))));
    left -= count;
  }
  return absl::OkStatus();
}

absl::Status TreeWriter::WriteEntry(const std::string& name,
                                    const PinnedFile& file) {
  const struct stat& info = file.info();
  const std::optional<EntryType> type = TypeOf(info.st_mode);
  if (!type) return absl::OkStatus();
  TarEntry tar;
  tar.type = *type;
  tar.path = *type == EntryType::kDirectory ? absl::StrCat(name, "/") : name;
  tar.mode = info.st_mode & 07777;
  tar.uid = info.st_uid;
  tar.gid = info.st_gid;
  tar.mtime_seconds = info.st_mtim.tv_sec;
  tar.mtime_nanoseconds = static_cast<int32_t>(info.st_mtim.tv_nsec);
  if (AsHardLink(info, tar)) return writer_.Begin(tar);
  if (*type == EntryType::kSymlink) {
    ASSIGN_OR_RETURN(tar.link_target, file.ReadLink());
  }
  if (*type == EntryType::kCharDevice || *type == EntryType::kBlockDevice) {
    tar.device_major = major(info.st_rdev);
    tar.device_minor = minor(info.st_rdev);
  }
  if (*type != EntryType::kFile && *type != EntryType::kDirectory) {
    return writer_.Begin(tar);
  }
  ASSIGN_OR_RETURN(const UniqueFd fd, file.OpenForReading());
  RETURN_IF_ERROR(ReadXattrs(fd.get(), tar));
  if (*type == EntryType::kDirectory) return writer_.Begin(tar);
  tar.size = info.st_size;
  return WriteFile(std::move(tar), fd.get());
}

absl::Status TreeWriter::WriteBelow(const std::string& prefix,
                                    const MergedTree::Directory& directory,
                                    int depth) {
  if (depth > kMaxDepth) {
    return absl::InvalidArgumentError(
        absl::StrCat("more than ", kMaxDepth, " directories deep"));
  }
  ASSIGN_OR_RETURN(const auto places, tree_.List(directory));
  for (const auto& [name, place] : places) {
    if (cancelled_ && cancelled_()) {
      return absl::CancelledError("the caller has left");
    }
    const std::string path = absl::StrCat(prefix, name);
    bool is_directory = false;
    {
      // Not kept while the walk is below it.
      ASSIGN_OR_RETURN(const auto entry, tree_.Look(place));
      if (!entry) continue;
      is_directory = S_ISDIR(entry->file.info().st_mode);
      RETURN_IF_ERROR(WriteEntry(path, entry->file));
    }
    if (!is_directory) continue;
    ASSIGN_OR_RETURN(const MergedTree::Directory child,
                     tree_.Enter(directory, name, place));
    RETURN_IF_ERROR(WriteBelow(absl::StrCat(path, "/"), child, depth + 1));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status WriteTree(const MergedTree& tree,
                       const MergedTree::Resolved& resolved,
                       archive::TarWriter& writer,
                       const std::function<bool()>& cancelled) {
  TreeWriter tree_writer(tree, writer, cancelled);
  if (!resolved.directory) {
    return tree_writer.WriteEntry(resolved.name, resolved.entry->file);
  }
  if (resolved.directory->parts.empty()) return absl::OkStatus();
  const MergedTree::Directory::Part& top = resolved.directory->parts.front();
  {
    ASSIGN_OR_RETURN(const auto self, tree.Look({top.layer, top.path, 0}));
    if (!self) return absl::NotFoundError("the directory has vanished");
    RETURN_IF_ERROR(tree_writer.WriteEntry(".", self->file));
  }
  return tree_writer.WriteBelow("", *resolved.directory, 0);
}

}  // namespace tug::imaged
