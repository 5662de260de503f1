// SPDX-License-Identifier: Apache-2.0
#include "services/volumed/copy_up/extract_tar.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "lib/archive/tar_reader.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/sys/unique_fd.h"
#include "services/volumed/copy_up/entry_attributes.h"
#include "services/volumed/drivers/local/directory_tree.h"

namespace tug::volumed {
namespace {

using archive::EntryType;
using archive::TarEntry;

constexpr int64_t kEndMarkBytes = 1024;  // Two blocks of zeros.

// Counts the zeros at the end of what passes.
class EndMarkSource final : public archive::Source {
 public:
  explicit EndMarkSource(archive::Source& source) : source_(source) {}

  absl::StatusOr<size_t> Read(char* buffer, size_t size) override {
    ASSIGN_OR_RETURN(const size_t count, source_.Read(buffer, size));
    size_t zeros = 0;
    while (zeros < count && buffer[count - 1 - zeros] == 0) ++zeros;
    zeros_ = zeros == count ? zeros_ + static_cast<int64_t>(count)
                            : static_cast<int64_t>(zeros);
    return count;
  }

  bool marked() const { return zeros_ >= kEndMarkBytes; }

 private:
  archive::Source& source_;
  int64_t zeros_ = 0;
};

absl::Status Invalid(absl::string_view why) {
  return WithReason(absl::InvalidArgumentError(why), "ARCHIVE_INVALID");
}

// "./a//b/" is {"a", "b"}; ".." is refused: nothing honest needs it.
absl::StatusOr<std::vector<std::string>> SplitPath(absl::string_view path) {
  std::vector<std::string> parts;
  for (const absl::string_view part : absl::StrSplit(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part == "..") return Invalid("a path leads through \"..\"");
    parts.emplace_back(part);
  }
  return parts;
}

// Errors that a hostile or broken archive causes, not the host.
absl::Status FromErrno(int error, absl::string_view what) {
  const absl::Status status = ErrnoStatus(error, what);
  switch (error) {
    case ENOENT:
    case ENOTDIR:
    case ELOOP:
    case EEXIST:
    case EXDEV:
    case ENAMETOOLONG:
    case EISDIR:
      return Invalid(status.message());
    default:
      return status;
  }
}

class Extractor {
 public:
  explicit Extractor(int root) : root_(root) {}

  absl::Status Apply(const TarEntry& entry, archive::TarReader& reader);
  absl::Status FinishDirectories();

 private:
  absl::StatusOr<UniqueFd> OpenParent(const std::vector<std::string>& parts);
  absl::Status ApplyRoot(const TarEntry& entry);
  absl::Status ApplyFile(int parent, const std::string& name,
                         const TarEntry& entry, archive::TarReader& reader);
  absl::Status ApplyDirectory(int parent, const std::string& name,
                              const std::string& path, const TarEntry& entry);
  absl::Status ApplyHardLink(int parent, const std::string& name,
                             const TarEntry& entry);
  absl::Status ApplyNode(int parent, const std::string& name,
                         const TarEntry& entry);

  const int root_;
  // Writing into a directory changes its time, so times come last.
  std::vector<std::pair<std::string, TarEntry>> directories_;
};

absl::StatusOr<UniqueFd> Extractor::OpenParent(
    const std::vector<std::string>& parts) {
  const std::vector<std::string> above(parts.begin(), parts.end() - 1);
  const std::string path = above.empty() ? "." : absl::StrJoin(above, "/");
  auto opened = OpenBeneath(root_, path, O_RDONLY | O_DIRECTORY);
  if (opened.ok()) return opened;
  return FromErrno(StatusErrno(opened.status()), "open directory of the entry");
}

absl::Status Extractor::Apply(const TarEntry& entry,
                              archive::TarReader& reader) {
  ASSIGN_OR_RETURN(const std::vector<std::string> parts, SplitPath(entry.path));
  if (parts.empty()) return ApplyRoot(entry);
  ASSIGN_OR_RETURN(const UniqueFd parent, OpenParent(parts));
  const std::string& name = parts.back();
  switch (entry.type) {
    case EntryType::kFile:
      return ApplyFile(parent.get(), name, entry, reader);
    case EntryType::kDirectory:
      return ApplyDirectory(parent.get(), name, absl::StrJoin(parts, "/"),
                            entry);
    case EntryType::kHardLink:
      return ApplyHardLink(parent.get(), name, entry);
    default:
      return ApplyNode(parent.get(), name, entry);
  }
}

absl::Status Extractor::ApplyRoot(const TarEntry& entry) {
  if (entry.type != EntryType::kDirectory) {
    return Invalid("the root is no directory");
  }
  directories_.emplace_back(".", entry);
  return SetAttributes(root_, entry);
}

absl::Status Extractor::ApplyFile(int parent, const std::string& name,
                                  const TarEntry& entry,
                                  archive::TarReader& reader) {
  const UniqueFd file(
      openat(parent, name.c_str(),
             O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return FromErrno(errno, "create file");
  archive::FdSink sink(file.get());
  int64_t position = 0;
  while (true) {
    ASSIGN_OR_RETURN(const archive::TarReader::Piece piece, reader.ReadPiece());
    if (piece.bytes.empty()) break;
    if (piece.offset != position &&
        lseek(file.get(), piece.offset, SEEK_SET) < 0) {
      return ErrnoStatus(errno, "seek in file");
    }
    RETURN_IF_ERROR(sink.Write(piece.bytes));
    position = piece.offset + static_cast<int64_t>(piece.bytes.size());
  }
  if (position < entry.size && ftruncate(file.get(), entry.size) != 0) {
    return ErrnoStatus(errno, "set file size");
  }
  RETURN_IF_ERROR(SetAttributes(file.get(), entry));
  return SetTime(file.get(), entry);
}

absl::Status Extractor::ApplyDirectory(int parent, const std::string& name,
                                       const std::string& path,
                                       const TarEntry& entry) {
  if (mkdirat(parent, name.c_str(), 0700) != 0) {
    return FromErrno(errno, "make directory");
  }
  if (directories_.size() >= kMaxDirectoryTimes) {
    return Invalid("too many directories");
  }
  ASSIGN_OR_RETURN(const UniqueFd made, OpenDirectory(parent, name));
  directories_.emplace_back(path, entry);
  // Needed no longer, and large.
  directories_.back().second.xattrs.clear();
  return SetAttributes(made.get(), entry);
}

absl::Status Extractor::ApplyHardLink(int parent, const std::string& name,
                                      const TarEntry& entry) {
  ASSIGN_OR_RETURN(const std::vector<std::string> target,
                   SplitPath(entry.link_target));
  if (target.empty()) return Invalid("a hard link to the root");
  ASSIGN_OR_RETURN(const UniqueFd there, OpenParent(target));
  // Without AT_SYMLINK_FOLLOW: a link to a symbolic link stays one.
  if (linkat(there.get(), target.back().c_str(), parent, name.c_str(), 0) !=
      0) {
    return FromErrno(errno, "hard link");
  }
  return absl::OkStatus();
}

absl::Status Extractor::ApplyNode(int parent, const std::string& name,
                                  const TarEntry& entry) {
  int result = 0;
  if (entry.type == EntryType::kSymlink) {
    result = symlinkat(entry.link_target.c_str(), parent, name.c_str());
  } else {
    const mode_t kind = entry.type == EntryType::kFifo         ? S_IFIFO
                        : entry.type == EntryType::kCharDevice ? S_IFCHR
                                                               : S_IFBLK;
    result = mknodat(parent, name.c_str(), kind | 0600,
                     makedev(entry.device_major, entry.device_minor));
  }
  if (result != 0) return FromErrno(errno, "make link or node");
  return SetNodeAttributes(parent, name, entry);
}

absl::Status Extractor::FinishDirectories() {
  for (const auto& [path, entry] : directories_) {
    ASSIGN_OR_RETURN(const UniqueFd directory,
                     OpenBeneath(root_, path, O_RDONLY | O_DIRECTORY));
    RETURN_IF_ERROR(SetTime(directory.get(), entry));
  }
  return absl::OkStatus();
}

// Damage that lib/archive finds is the archive's.
absl::Status WithArchiveReason(const absl::Status& status) {
  if (status.code() != absl::StatusCode::kInvalidArgument) return status;
  return WithReason(status, "ARCHIVE_INVALID");
}

}  // namespace

absl::Status ExtractTar(archive::Source& source, int root) {
  EndMarkSource marked(source);
  archive::TarReader reader(marked);
  Extractor extractor(root);
  for (size_t count = 0;; ++count) {
    const auto entry = reader.Next();
    if (!entry.ok()) return WithArchiveReason(entry.status());
    if (!entry->has_value()) break;
    if (count >= kMaxEntries) return Invalid("too many entries");
    const absl::Status status = extractor.Apply(**entry, reader);
    if (!status.ok()) {
      return WithArchiveReason(Annotate(
          status,
          absl::StrCat("entry \"",
                       absl::CHexEscape((*entry)->path.substr(0, 300)), "\"")));
    }
  }
  const absl::Status drained = reader.Drain();
  if (!drained.ok()) return WithArchiveReason(drained);
  if (!marked.marked()) return Invalid("the archive is cut off");
  return extractor.FinishDirectories();
}

}  // namespace tug::volumed
