// SPDX-License-Identifier: Apache-2.0
#include "services/netd/sandboxes/attachment_log.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/memory/memory.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "lib/base/id.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/sys/file.h"

namespace tug::netd {
namespace {

constexpr char kBootId[] = "/proc/sys/kernel/random/boot_id";
// A sandbox with thousands of ports stays below.
constexpr size_t kMaxRecord = 4 * 1024 * 1024;

}  // namespace

absl::StatusOr<std::unique_ptr<AttachmentLog>> AttachmentLog::Open(
    const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return ErrnoStatus(error.value(), absl::StrCat("make ", path));
  UniqueFd directory(open(path.c_str(), O_DIRECTORY | O_RDONLY | O_CLOEXEC));
  if (!directory) return ErrnoStatus(errno, absl::StrCat("open ", path));
  char boot[64];
  const long size = sys::ReadFileAt(AT_FDCWD, kBootId, boot, sizeof(boot));
  if (size < 0) {
    return ErrnoStatus(static_cast<int>(size), absl::StrCat("read ", kBootId));
  }
  return absl::WrapUnique(new AttachmentLog(
      std::move(directory),
      std::string(absl::StripAsciiWhitespace(
          absl::string_view(boot, static_cast<size_t>(size))))));
}

absl::Status AttachmentLog::Write(const LiveSandbox& live,
                                  const network::v1::Sandbox& sandbox) {
  Attachment record;
  *record.mutable_sandbox() = sandbox;
  record.set_boot_id(boot_id_);
  for (const LiveEndpoint& endpoint : live.endpoints) {
    (*record.mutable_host_interfaces())[endpoint.network.id()] =
        endpoint.host_interface;
  }
  const std::string bytes = record.SerializeAsString();
  const std::string& name = sandbox.lease();
  const std::string fresh = absl::StrCat(name, ".new");
  const UniqueFd fd(openat(directory_.get(), fresh.c_str(),
                           O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!fd) return ErrnoStatus(errno, absl::StrCat("record attachment ", name));
  const long written = sys::WriteAll(fd.get(), bytes.data(), bytes.size());
  if (written < 0 || renameat(directory_.get(), fresh.c_str(), directory_.get(),
                              name.c_str()) != 0) {
    return ErrnoStatus(written < 0 ? static_cast<int>(written) : errno,
                       absl::StrCat("record attachment ", name));
  }
  return absl::OkStatus();
}

void AttachmentLog::Remove(absl::string_view lease) {
  unlinkat(directory_.get(), std::string(lease).c_str(), 0);
}

absl::StatusOr<Attachment> AttachmentLog::Read(const std::string& name) const {
  const UniqueFd fd(
      openat(directory_.get(), name.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return ErrnoStatus(errno, name);
  std::string bytes(kMaxRecord, '\0');
  const long size = sys::ReadUpTo(fd.get(), bytes.data(), bytes.size());
  if (size < 0) return ErrnoStatus(static_cast<int>(size), name);
  Attachment record;
  if (!record.ParseFromArray(bytes.data(), static_cast<int>(size)) ||
      record.boot_id() != boot_id_ || record.sandbox().lease() != name) {
    return absl::DataLossError(absl::StrCat(name, " is of no use"));
  }
  return record;
}

absl::StatusOr<std::vector<Attachment>> AttachmentLog::ReadAll() {
  std::vector<Attachment> records;
  const int copy =
      openat(directory_.get(), ".", O_DIRECTORY | O_RDONLY | O_CLOEXEC);
  DIR* const listing = copy < 0 ? nullptr : fdopendir(copy);
  if (listing == nullptr) return ErrnoStatus(errno, "list attachments");
  while (const dirent* const entry = readdir(listing)) {
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    auto record = IsId(name)
                      ? Read(name)
                      : absl::StatusOr<Attachment>(absl::DataLossError(name));
    if (record.ok()) {
      records.push_back(*std::move(record));
    } else {
      LogInfo("dropping a stale attachment", {{"name", name}});
      unlinkat(directory_.get(), name.c_str(), 0);
    }
  }
  closedir(listing);
  return records;
}

}  // namespace tug::netd
