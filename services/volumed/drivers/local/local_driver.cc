// SPDX-License-Identifier: Apache-2.0
#include "services/volumed/drivers/local/local_driver.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/files/tree_size.h"
#include "services/volumed/drivers/local/directory_tree.h"
#include "services/volumed/drivers/local/local_mount.h"
#include "services/volumed/drivers/local/local_options.h"

namespace tug::volumed {
namespace {

constexpr char kContent[] = "_data";
// Content on its way in; becomes _data by a rename.
constexpr char kStage[] = "_copy";

// Others may pass (to content they have rights on), not look around.
constexpr unsigned kFolderMode = 0701;
constexpr unsigned kContentMode = 0755;
constexpr unsigned kPrivateMode = 0700;

absl::StatusOr<LocalOptions> OptionsOf(const DriverVolume& volume) {
  return ParseLocalOptions(volume.options);
}

absl::StatusOr<std::set<std::string>> FolderNames(int directory) {
  const int own = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* stream = own < 0 ? nullptr : fdopendir(own);
  if (stream == nullptr) return ErrnoStatus(errno, "list volumes");
  std::set<std::string> names;
  while (const dirent* entry = readdir(stream)) {
    if (entry->d_name[0] != '.') names.insert(entry->d_name);
  }
  closedir(stream);
  return names;
}

}  // namespace

absl::StatusOr<std::unique_ptr<LocalDriver>> LocalDriver::Open(
    const std::string& root) {
  std::error_code error;
  std::filesystem::create_directories(root, error);
  UniqueFd base(open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!base) return ErrnoStatus(errno, absl::StrCat("open ", root));
  if (fchmod(base.get(), kPrivateMode) != 0) {
    return ErrnoStatus(errno, absl::StrCat("chmod ", root));
  }
  ASSIGN_OR_RETURN(UniqueFd volumes,
                   MakeDirectory(base.get(), "volumes", kFolderMode));
  ASSIGN_OR_RETURN(UniqueFd removed,
                   MakeDirectory(base.get(), "removed", kPrivateMode));
  return std::unique_ptr<LocalDriver>(new LocalDriver(
      absl::StrCat(root, "/volumes"), std::move(volumes), std::move(removed)));
}

absl::Status LocalDriver::Reconcile(const std::set<std::string>& names) {
  ASSIGN_OR_RETURN(const std::set<std::string> folders,
                   FolderNames(volumes_.get()));
  for (const std::string& folder : folders) {
    if (names.contains(folder)) {
      DropStaged({folder, {}});
    } else {
      RETURN_IF_ERROR(Remove({folder, {}}));
    }
  }
  for (const std::string& name : names) {
    if (folders.contains(name) && OpenVolume(name).ok()) continue;
    LogWarning("a volume's directory was missing and is empty now",
               {{"volume", name}});
    ASSIGN_OR_RETURN(const UniqueFd folder,
                     MakeDirectory(volumes_.get(), name, kFolderMode));
    RETURN_IF_ERROR(
        MakeDirectory(folder.get(), kContent, kContentMode).status());
  }
  return absl::OkStatus();
}

absl::Status LocalDriver::CheckOptions(
    const std::map<std::string, std::string>& options) const {
  return ParseLocalOptions(options).status();
}

absl::StatusOr<UniqueFd> LocalDriver::OpenVolume(
    const std::string& name) const {
  return OpenDirectory(volumes_.get(), name);
}

absl::Status LocalDriver::Create(const DriverVolume& volume) {
  RETURN_IF_ERROR(Remove(volume));
  ASSIGN_OR_RETURN(const UniqueFd folder,
                   MakeDirectory(volumes_.get(), volume.name, kFolderMode));
  return MakeDirectory(folder.get(), kContent, kContentMode).status();
}

absl::Status LocalDriver::Remove(const DriverVolume& volume) {
  const auto folder = OpenVolume(volume.name);
  if (!folder.ok()) {
    return StatusErrno(folder.status()) == ENOENT ? absl::OkStatus()
                                                  : folder.status();
  }
  // What is mounted there belongs to somebody else: it must not be deleted.
  if (faccessat(folder->get(), kContent, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
    RETURN_IF_ERROR(UnmountAll(folder->get(), kContent));
  }
  return removed_.Throw(volumes_.get(), volume.name);
}

absl::Status LocalDriver::Mount(const DriverVolume& volume) {
  ASSIGN_OR_RETURN(const LocalOptions options, OptionsOf(volume));
  if (options.plain()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const UniqueFd folder, OpenVolume(volume.name));
  ASSIGN_OR_RETURN(const bool mounted, IsMountPoint(folder.get(), kContent));
  if (mounted) return absl::OkStatus();
  return MountOver(folder.get(), kContent, options, Mountpoint(volume));
}

absl::Status LocalDriver::Unmount(const DriverVolume& volume) {
  ASSIGN_OR_RETURN(const LocalOptions options, OptionsOf(volume));
  if (options.plain()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const UniqueFd folder, OpenVolume(volume.name));
  return UnmountAll(folder.get(), kContent);
}

std::string LocalDriver::Mountpoint(const DriverVolume& volume) const {
  return absl::StrCat(path_, "/", volume.name, "/", kContent);
}

bool LocalDriver::KeepsContent(const DriverVolume& volume) const {
  const auto options = OptionsOf(volume);
  return options.ok() && options->type != "tmpfs";
}

int64_t LocalDriver::Measure(const DriverVolume& volume) {
  const auto options = OptionsOf(volume);
  if (!options.ok() || !options->plain()) return -1;
  const auto folder = OpenVolume(volume.name);
  if (!folder.ok()) return -1;
  const auto content = OpenDirectory(folder->get(), kContent);
  if (!content.ok()) return -1;
  const auto bytes = MeasureTree(content->get());
  return bytes.ok() ? *bytes : -1;
}

absl::StatusOr<UniqueFd> LocalDriver::OpenStage(const DriverVolume& volume) {
  ASSIGN_OR_RETURN(const LocalOptions options, OptionsOf(volume));
  ASSIGN_OR_RETURN(const UniqueFd folder, OpenVolume(volume.name));
  if (options.plain()) {
    DropStaged(volume);
    return MakeDirectory(folder.get(), kStage, kContentMode);
  }
  RETURN_IF_ERROR(Mount(volume));
  ASSIGN_OR_RETURN(UniqueFd content, OpenDirectory(folder.get(), kContent));
  ASSIGN_OR_RETURN(const bool empty, IsEmptyDirectory(content.get()));
  if (!empty) return absl::AlreadyExistsError("the volume has content");
  return content;
}

absl::Status LocalDriver::PutStaged(const DriverVolume& volume) {
  ASSIGN_OR_RETURN(const LocalOptions options, OptionsOf(volume));
  ASSIGN_OR_RETURN(const UniqueFd folder, OpenVolume(volume.name));
  const char* filled = options.plain() ? kStage : kContent;
  ASSIGN_OR_RETURN(const UniqueFd content, OpenDirectory(folder.get(), filled));
  // The content is on disk before the catalog says that it may be relied on.
  if (syncfs(content.get()) != 0) return ErrnoStatus(errno, "sync volume");
  if (!options.plain()) return absl::OkStatus();
  if (renameat(folder.get(), kStage, folder.get(), kContent) == 0) {
    return absl::OkStatus();
  }
  if (errno == ENOTEMPTY || errno == EEXIST) {
    return absl::AlreadyExistsError("the volume has content");
  }
  return ErrnoStatus(errno, "commit volume content");
}

void LocalDriver::DropStaged(const DriverVolume& volume) {
  const auto options = OptionsOf(volume);
  const auto folder = OpenVolume(volume.name);
  if (!options.ok() || !folder.ok()) return;
  // Elsewhere (bind, nfs) others may have written meanwhile: nothing of it is
  // ours to delete.
  if (!options->plain()) return;
  LogIfError(removed_.Throw(folder->get(), kStage), "drop a partial copy");
}

}  // namespace tug::volumed
