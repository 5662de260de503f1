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
#include "lib/files/tree_walk.h"

namespace tug::cgroup {
namespace {

constexpr int kDirectoryFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW;
constexpr absl::Duration kKillTimeout = absl::Seconds(10);
constexpr absl::Duration kLongestPoll = absl::Milliseconds(20);

bool Remove(int parent, const std::string& name) {
  return unlinkat(parent, name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT;
}

// `errno` says why.
absl::Status Busy(const std::string& name) {
  return absl::FailedPreconditionError(
      ErrnoStatus(errno, absl::StrCat("remove cgroup ", name)).message());
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

// Containers may make groups themselves, as deep as they like. A group that is
// read again from its start comes upon the one that was just emptied.
absl::Status RemoveTree(int root, const std::string& path) {
  if (Remove(root, path)) return absl::OkStatus();
  TreeWalk walk(TreeWalk::Again::kFromTheStart);
  RETURN_IF_ERROR(walk.Enter(root, path));
  while (!walk.done()) {
    ASSIGN_OR_RETURN(const dirent* const entry, walk.Next());
    if (entry == nullptr) {
      ASSIGN_OR_RETURN(const TreeWalk::Left left, walk.Leave());
      if (walk.done() || left.name.empty()) continue;
      if (!Remove(walk.directory(), left.name)) return Busy(left.name);
    } else if (entry->d_type == DT_DIR &&
               !Remove(walk.directory(), entry->d_name)) {
      const absl::Status entered = walk.Enter(walk.directory(), entry->d_name);
      if (StatusErrno(entered) != ENOENT) RETURN_IF_ERROR(entered);
    }
  }
  return Remove(root, path) ? absl::OkStatus() : Busy(path);
}

absl::StatusOr<std::vector<int>> ReadProcessesRecursively(int directory) {
  ASSIGN_OR_RETURN(std::vector<int> pids, ReadProcesses(directory));
  TreeWalk walk(TreeWalk::Again::kWhereItWas);
  RETURN_IF_ERROR(walk.Enter(directory, "."));
  while (!walk.done()) {
    ASSIGN_OR_RETURN(const dirent* const entry, walk.Next());
    if (entry == nullptr) {
      RETURN_IF_ERROR(walk.Leave().status());
      continue;
    }
    // What is gone by now has no processes.
    if (entry->d_type != DT_DIR ||
        !walk.Enter(walk.directory(), entry->d_name).ok()) {
      continue;
    }
    const auto own = ReadProcesses(walk.directory());
    if (own.ok()) pids.insert(pids.end(), own->begin(), own->end());
  }
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
