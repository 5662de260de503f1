// SPDX-License-Identifier: Apache-2.0
#include "services/netd/forwarding/forwarding_record.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "absl/memory/memory.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "lib/base/status.h"
#include "lib/sys/file.h"

namespace tug::netd {
namespace {

constexpr char kBootId[] = "/proc/sys/kernel/random/boot_id";
// A few thousand interfaces.
constexpr size_t kMaxRecord = 64 * 1024;

absl::StatusOr<std::string> ReadText(const std::string& path) {
  std::string text(kMaxRecord, '\0');
  const long size =
      sys::ReadFileAt(AT_FDCWD, path.c_str(), text.data(), text.size());
  if (size < 0) {
    return ErrnoStatus(static_cast<int>(size), absl::StrCat("read ", path));
  }
  text.resize(static_cast<size_t>(size));
  return std::string(absl::StripAsciiWhitespace(text));
}

}  // namespace

absl::StatusOr<std::unique_ptr<ForwardingRecord>> ForwardingRecord::Open(
    const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) {
    return ErrnoStatus(error.value(), absl::StrCat("make ", directory));
  }
  absl::StatusOr<std::string> boot = ReadText(kBootId);
  if (!boot.ok()) return boot.status();
  auto record =
      absl::WrapUnique(new ForwardingRecord(directory, *std::move(boot)));
  for (const int family : {AF_INET, AF_INET6}) {
    const auto text = ReadText(record->PathOf(family));
    if (absl::IsNotFound(text.status())) continue;
    if (!text.ok()) return text.status();
    std::vector<std::string> lines = absl::StrSplit(*text, '\n');
    if (lines.front() != record->boot_) continue;
    lines.erase(lines.begin());
    record->guards_[family] = std::move(lines);
  }
  return record;
}

std::string ForwardingRecord::PathOf(int family) const {
  return absl::StrCat(directory_, family == AF_INET ? "/ipv4" : "/ipv6");
}

absl::Status ForwardingRecord::Write(
    int family, const std::vector<std::string>& interfaces) {
  const std::string path = PathOf(family);
  const std::string fresh = absl::StrCat(path, ".new");
  std::vector<std::string> lines = interfaces;
  lines.insert(lines.begin(), boot_);
  const std::string text = absl::StrCat(absl::StrJoin(lines, "\n"), "\n");
  const UniqueFd fd(
      open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  const long written =
      fd ? sys::WriteAll(fd.get(), text.data(), text.size()) : -errno;
  if (written < 0) {
    return ErrnoStatus(static_cast<int>(written), absl::StrCat("write ", path));
  }
  if (rename(fresh.c_str(), path.c_str()) != 0) {
    return ErrnoStatus(errno, absl::StrCat("write ", path));
  }
  guards_[family] = interfaces;
  return absl::OkStatus();
}

}  // namespace tug::netd
