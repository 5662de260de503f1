// SPDX-License-Identifier: Apache-2.0
#include "lib/cgroup/control_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <limits>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/sys/unique_fd.h"

namespace tug::cgroup {

absl::Status WriteControl(int directory, const char* file,
                          absl::string_view value) {
  const UniqueFd fd(openat(directory, file, O_WRONLY | O_CLOEXEC));
  if (!fd) return ErrnoStatus(errno, absl::StrCat("open cgroup file ", file));
  ssize_t written = -1;
  do {
    written = write(fd.get(), value.data(), value.size());
  } while (written == -1 && errno == EINTR);
  if (written == -1) {
    return ErrnoStatus(errno, absl::StrCat("write '", value, "' to ", file));
  }
  return absl::OkStatus();
}

absl::Status WriteControl(int directory, const char* file, int64_t value) {
  return WriteControl(directory, file, absl::StrCat(value));
}

absl::StatusOr<std::string> ReadControl(int directory, const char* file) {
  const UniqueFd fd(openat(directory, file, O_RDONLY | O_CLOEXEC));
  if (!fd) return ErrnoStatus(errno, absl::StrCat("open cgroup file ", file));
  std::string text;
  char buffer[4096];
  while (text.size() < kMaxControlFile) {
    const ssize_t got = read(fd.get(), buffer, sizeof(buffer));
    if (got == 0) return text;
    if (got == -1 && errno == EINTR) continue;
    if (got == -1) {
      return ErrnoStatus(errno, absl::StrCat("read cgroup file ", file));
    }
    text.append(buffer, static_cast<size_t>(got));
  }
  return absl::ResourceExhaustedError(
      absl::StrCat("cgroup file ", file, " exceeds ", kMaxControlFile));
}

absl::StatusOr<uint64_t> ReadNumber(int directory, const char* file) {
  ASSIGN_OR_RETURN(const std::string text, ReadControl(directory, file));
  const absl::string_view trimmed = absl::StripAsciiWhitespace(text);
  if (trimmed == "max") return std::numeric_limits<uint64_t>::max();
  uint64_t value = 0;
  if (!absl::SimpleAtoi(trimmed, &value)) {
    return absl::InternalError(absl::StrCat(file, " is no number: ", trimmed));
  }
  return value;
}

absl::StatusOr<std::map<std::string, uint64_t>> ReadKeyed(int directory,
                                                          const char* file) {
  ASSIGN_OR_RETURN(const std::string text, ReadControl(directory, file));
  std::map<std::string, uint64_t> values;
  for (absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> pair =
        absl::StrSplit(line, absl::MaxSplits(' ', 1));
    uint64_t value = 0;
    if (absl::SimpleAtoi(pair.second, &value)) {
      values.emplace(pair.first, value);
    }
  }
  return values;
}

absl::StatusOr<std::vector<int>> ReadProcesses(int directory) {
  ASSIGN_OR_RETURN(const std::string text,
                   ReadControl(directory, "cgroup.procs"));
  std::vector<int> pids;
  for (absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    int pid = 0;
    // 0 stands for a process of another pid namespace.
    if (absl::SimpleAtoi(line, &pid) && pid > 0) pids.push_back(pid);
  }
  return pids;
}

}  // namespace tug::cgroup
