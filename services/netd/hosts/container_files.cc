// SPDX-License-Identifier: Apache-2.0
#include "services/netd/hosts/container_files.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/sys/file.h"
#include "lib/sys/foreign_file.h"
#include "services/netd/hosts/hosts_file.h"

namespace tug::netd {
namespace {

constexpr char kHosts[] = "hosts";
constexpr char kResolvConf[] = "resolv.conf";
// What we wrote last, to tell whether somebody else wrote since.
constexpr char kHostsWritten[] = "hosts.written";
constexpr char kResolvConfWritten[] = "resolv.conf.written";
// A container may make its file as large as it likes; beyond this it differs
// from ours anyway.
constexpr size_t kMaxFile = 256 * 1024;

}  // namespace

absl::StatusOr<std::unique_ptr<ContainerFiles>> ContainerFiles::Open(
    const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) {
    return ErrnoStatus(error.value(), absl::StrCat("make ", directory));
  }
  UniqueFd fd(open(directory.c_str(), O_DIRECTORY | O_RDONLY | O_CLOEXEC));
  if (!fd) return ErrnoStatus(errno, absl::StrCat("open ", directory));
  return absl::WrapUnique(new ContainerFiles(directory, std::move(fd)));
}

absl::Status ContainerFiles::MakeFolder(absl::string_view lease) {
  const std::string name(lease);
  if (mkdirat(fd_.get(), name.c_str(), 0755) == 0 || errno == EEXIST) {
    return absl::OkStatus();
  }
  return ErrnoStatus(errno, absl::StrCat("make folder of ", lease));
}

absl::StatusOr<UniqueFd> ContainerFiles::OpenFile(absl::string_view lease,
                                                  const char* name, int flags) {
  const std::string path = absl::StrCat(lease, "/", name);
  const unsigned mode = (flags & O_CREAT) != 0 ? 0644 : 0;
  const long fd = sys::OpenAt2(fd_.get(), path.c_str(), flags | sys::kNeverWait,
                               mode, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
  if (fd < 0) {
    return ErrnoStatus(static_cast<int>(fd), absl::StrCat("open ", path));
  }
  return UniqueFd(static_cast<int>(fd));
}

absl::Status ContainerFiles::Overwrite(absl::string_view lease,
                                       const char* name,
                                       absl::string_view text) {
  ASSIGN_OR_RETURN(const UniqueFd fd,
                   OpenFile(lease, name, O_WRONLY | O_CREAT));
  const long written = sys::WriteAll(fd.get(), text.data(), text.size());
  // Cut only after writing: a reader sees a mixture rather than nothing.
  if (written < 0 || ftruncate(fd.get(), static_cast<off_t>(text.size())) < 0) {
    return ErrnoStatus(written < 0 ? static_cast<int>(written) : errno,
                       absl::StrCat("write ", name, " of ", lease));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ContainerFiles::Read(absl::string_view lease,
                                                 const char* name) {
  ASSIGN_OR_RETURN(const UniqueFd fd, OpenFile(lease, name, O_RDONLY));
  std::string text(kMaxFile, '\0');
  const long size = sys::ReadUpTo(fd.get(), text.data(), text.size());
  if (size < 0) {
    return ErrnoStatus(static_cast<int>(size),
                       absl::StrCat("read ", name, " of ", lease));
  }
  text.resize(static_cast<size_t>(size));
  return text;
}

absl::Status ContainerFiles::WriteOurs(absl::string_view lease,
                                       const char* name,
                                       const char* written_name,
                                       absl::string_view text,
                                       absl::string_view ours) {
  RETURN_IF_ERROR(Overwrite(lease, name, text));
  return Overwrite(lease, written_name, ours);
}

// A container that holds a lease on its file keeps it as it is: it fools nobody
// but itself.
absl::Status ContainerFiles::UnlessHeld(const absl::Status& status,
                                        absl::string_view lease) {
  if (StatusErrno(status) != EWOULDBLOCK) return status;
  Log(LogLevel::kWarning, "a container holds a lease on a file of names",
      {{"container", lease}, {"error", status.message()}});
  return absl::OkStatus();
}

absl::Status ContainerFiles::WriteHosts(absl::string_view lease,
                                        absl::string_view text, Edits edits) {
  return UnlessHeld(TryWriteHosts(lease, text, edits), lease);
}

absl::Status ContainerFiles::WriteResolvConf(absl::string_view lease,
                                             absl::string_view text,
                                             Edits edits) {
  return UnlessHeld(TryWriteResolvConf(lease, text, edits), lease);
}

absl::Status ContainerFiles::TryWriteHosts(absl::string_view lease,
                                           absl::string_view text,
                                           Edits edits) {
  const auto current = Read(lease, kHosts);
  const auto written = Read(lease, kHostsWritten);
  if (edits == Edits::kDiscard || !current.ok() || !written.ok() ||
      *current == *written) {
    return WriteOurs(lease, kHosts, kHostsWritten, text, text);
  }
  // Of a longer one the end would be lost.
  if (current->size() >= kMaxFile) return absl::OkStatus();
  return WriteOurs(lease, kHosts, kHostsWritten,
                   MergeHosts(*current, *written, text), text);
}

absl::Status ContainerFiles::TryWriteResolvConf(absl::string_view lease,
                                                absl::string_view text,
                                                Edits edits) {
  const auto current = Read(lease, kResolvConf);
  if (current.ok() && edits == Edits::kKeep) {
    const auto written = Read(lease, kResolvConfWritten);
    if (written.ok() && *written != *current) return absl::OkStatus();
    if (*current == text) return absl::OkStatus();
  } else if (!current.ok() && !absl::IsNotFound(current.status())) {
    return current.status();
  }
  return WriteOurs(lease, kResolvConf, kResolvConfWritten, text, text);
}

absl::Status ContainerFiles::RemoveFolder(absl::string_view lease) {
  const std::string folder(lease);
  for (const char* name :
       {kHosts, kHostsWritten, kResolvConf, kResolvConfWritten}) {
    const std::string path = absl::StrCat(lease, "/", name);
    unlinkat(fd_.get(), path.c_str(), 0);
  }
  if (unlinkat(fd_.get(), folder.c_str(), AT_REMOVEDIR) == 0 ||
      errno == ENOENT) {
    return absl::OkStatus();
  }
  return ErrnoStatus(errno, absl::StrCat("remove folder of ", lease));
}

std::string ContainerFiles::HostsPath(absl::string_view lease) const {
  return absl::StrCat(directory_, "/", lease, "/", kHosts);
}

std::string ContainerFiles::ResolvConfPath(absl::string_view lease) const {
  return absl::StrCat(directory_, "/", lease, "/", kResolvConf);
}

}  // namespace tug::netd
