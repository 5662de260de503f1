// SPDX-License-Identifier: Apache-2.0
#include "services/netd/sysctl/sysctl.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/sys/unique_fd.h"

namespace tug::netd {
namespace {

constexpr size_t kMaxValue = 256;

std::string FullPath(const std::string& path) {
  return absl::StrCat("/proc/sys/net/", path);
}

}  // namespace

absl::Status WriteSysctl(const std::string& path, absl::string_view value) {
  const UniqueFd fd(open(FullPath(path).c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd || write(fd.get(), value.data(), value.size()) !=
                 static_cast<ssize_t>(value.size())) {
    return ErrnoStatus(errno, absl::StrCat("set net/", path, " to ", value));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadSysctl(const std::string& path) {
  const UniqueFd fd(open(FullPath(path).c_str(), O_RDONLY | O_CLOEXEC));
  char value[kMaxValue];
  const ssize_t size = fd ? read(fd.get(), value, sizeof(value)) : -1;
  if (size < 0) return ErrnoStatus(errno, absl::StrCat("read net/", path));
  return std::string(absl::StripAsciiWhitespace(
      absl::string_view(value, static_cast<size_t>(size))));
}

absl::StatusOr<std::vector<std::string>> ListSysctls(const std::string& path) {
  std::vector<std::string> names;
  std::error_code error;
  std::filesystem::directory_iterator at(FullPath(path), error);
  for (; !error && at != std::filesystem::directory_iterator();
       at.increment(error)) {
    names.push_back(at->path().filename());
  }
  if (error) {
    return ErrnoStatus(error.value(), absl::StrCat("list net/", path));
  }
  return names;
}

}  // namespace tug::netd
