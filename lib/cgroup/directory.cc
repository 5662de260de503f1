// SPDX-License-Identifier: Apache-2.0
#include "lib/cgroup/directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/cgroup/control_file.h"

namespace tug::cgroup {
namespace {

constexpr int kDirectoryFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW;
// Containers may make groups themselves; deeper ones are an error.
constexpr int kMaxDepth = 64;
constexpr absl::Duration kKillTimeout = absl::Seconds(10);
constexpr absl::Duration kLongestPoll = absl::Milliseconds(20);

absl::Status RemoveOne(int parent, const std::string& name, int depth) {
  if (unlinkat(parent, name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT) {
    return absl::OkStatus();
  }
  const int error = errno;
  if (depth >= kMaxDepth) {
    return absl::FailedPreconditionError("cgroups are nested too deeply");
  }
  const UniqueFd directory(openat(parent, name.c_str(), kDirectoryFlags));
  const std::vector<std::string> children =
      directory ? ReadChildren(directory.get()) : std::vector<std::string>();
  for (const std::string& child : children) {
    RETURN_IF_ERROR(RemoveOne(directory.get(), child, depth + 1));
  }
  if (!children.empty() && unlinkat(parent, name.c_str(), AT_REMOVEDIR) == 0) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      ErrnoStatus(error, absl::StrCat("remove cgroup ", name)).message());
}

absl::Status Collect(int directory, int depth, std::vector<int>& pids) {
  ASSIGN_OR_RETURN(const std::vector<int> own, ReadProcesses(directory));
  pids.insert(pids.end(), own.begin(), own.end());
  if (depth >= kMaxDepth) return absl::OkStatus();
  for (const std::string& child : ReadChildren(directory)) {
    const UniqueFd below(openat(directory, child.c_str(), kDirectoryFlags));
    if (below) Collect(below.get(), depth + 1, pids).IgnoreError();
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<std::string> ReadChildren(int directory) {
  std::vector<std::string> names;
  DIR* stream = fdopendir(openat(directory, ".", kDirectoryFlags));
  if (stream == nullptr) return names;
  while (const dirent* entry = readdir(stream)) {
    const absl::string_view name = entry->d_name;
    if (entry->d_type == DT_DIR && name != "." && name != "..") {
      names.emplace_back(name);
    }
  }
  closedir(stream);
  return names;
}

absl::StatusOr<UniqueFd> MakeDirectories(
    int root, const std::string& path,
    absl::FunctionRef<absl::Status(int parent, int directory)> each) {
  UniqueFd at(openat(root, ".", kDirectoryFlags));
  if (!at) return ErrnoStatus(errno, "open the cgroup root");
  const std::vector<std::string> parts =
      absl::StrSplit(path, '/', absl::SkipEmpty());
  for (const std::string& part : parts) {
    if (mkdirat(at.get(), part.c_str(), 0755) != 0 && errno != EEXIST) {
      return ErrnoStatus(errno, absl::StrCat("make cgroup ", path));
    }
    UniqueFd next(openat(at.get(), part.c_str(), kDirectoryFlags));
    if (!next) return ErrnoStatus(errno, absl::StrCat("open cgroup ", path));
    RETURN_IF_ERROR(each(at.get(), next.get()));
    at = std::move(next);
  }
  return at;
}

absl::StatusOr<UniqueFd> OpenDirectory(int root, const std::string& path) {
  UniqueFd fd(openat(root, path.c_str(), kDirectoryFlags));
  if (!fd) return ErrnoStatus(errno, absl::StrCat("open cgroup ", path));
  return fd;
}

absl::Status RemoveTree(int root, const std::string& path) {
  return RemoveOne(root, path, 0);
}

absl::StatusOr<std::vector<int>> ReadProcessesRecursively(int directory) {
  std::vector<int> pids;
  RETURN_IF_ERROR(Collect(directory, 0, pids));
  return pids;
}

absl::Status KillRecursively(int directory) {
  const absl::Time deadline = absl::Now() + kKillTimeout;
  absl::Duration pause = absl::Microseconds(200);
  for (;;) {
    ASSIGN_OR_RETURN(const std::vector<int> pids,
                     ReadProcessesRecursively(directory));
    if (pids.empty()) return absl::OkStatus();
    for (const int pid : pids) kill(pid, SIGKILL);
    if (absl::Now() > deadline) {
      return absl::DeadlineExceededError(absl::StrCat(
          pids.size(), " processes do not die, the first is ", pids.front()));
    }
    absl::SleepFor(pause);
    pause = std::min(2 * pause, kLongestPoll);
  }
}

}  // namespace tug::cgroup
