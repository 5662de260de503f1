// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/runtime/container_process.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/runtimed/containers/state_machine.h"

namespace tug::runtimed {
namespace {

// "7 (a name) S 4 ...": the number after the state, proc_pid_stat(5). The name
// may hold anything. 0 when the process is gone.
int ParentOf(const UniqueFd& process) {
  char buffer[512];
  const UniqueFd stat(openat(process.get(), "stat", O_RDONLY | O_CLOEXEC));
  const ssize_t size = stat ? read(stat.get(), buffer, sizeof(buffer)) : -1;
  if (size <= 0) return 0;
  const absl::string_view text(buffer, static_cast<size_t>(size));
  const size_t name_end = text.rfind(')');
  if (name_end == absl::string_view::npos) return 0;
  const std::vector<absl::string_view> fields =
      absl::StrSplit(text.substr(name_end + 1), ' ', absl::SkipEmpty());
  int parent = 0;
  if (fields.size() < 2 || !absl::SimpleAtoi(fields[1], &parent)) return 0;
  return parent;
}

// The number of the shim is nobody else's for as long as it lives.
bool ShimLives(const LiveContainer& live) {
  pollfd end = {live.shim_pidfd.get(), POLLIN, 0};
  return live.shim_pidfd.valid() && poll(&end, 1, 0) == 0;
}

}  // namespace

// An open /proc/<pid> stays that process's, whoever gets the number later. It
// is the container's if the shim, which lives still, is its parent: nobody
// else's children are.
absl::StatusOr<UniqueFd> OpenProcess(const LiveContainer& live) {
  const std::string path = absl::StrCat("/proc/", live.pid);
  UniqueFd process(open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!process && errno != ENOENT) {
    return ErrnoStatus(errno, absl::StrCat("open ", path));
  }
  if (!process || ParentOf(process) != live.shim_pid || !ShimLives(live)) {
    return NotRunningError(live.id);
  }
  return process;
}

absl::StatusOr<UniqueFd> OpenNamespace(const LiveContainer& live,
                                       const char* name) {
  ASSIGN_OR_RETURN(const UniqueFd process, OpenProcess(live));
  const std::string path = absl::StrCat("ns/", name);
  UniqueFd fd(openat(process.get(), path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd) return fd;
  if (errno == ENOENT || errno == ESRCH) return NotRunningError(live.id);
  return ErrnoStatus(errno, absl::StrCat("open the ", name, " namespace of ",
                                         "container ", live.id));
}

absl::Status CheckAlive(const LiveContainer& live) {
  // An ending process gives up its namespaces before all others of its pid
  // namespace are killed.
  return OpenNamespace(live, "net").status();
}

absl::Status KillCgroup(cgroup::CgroupTree& cgroups, const std::string& path) {
  const auto group = cgroups.Open(path);
  if (absl::IsNotFound(group.status())) return absl::OkStatus();
  RETURN_IF_ERROR(group.status());
  (*group)->Thaw().IgnoreError();
  return (*group)->Kill();
}

}  // namespace tug::runtimed
