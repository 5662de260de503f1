// SPDX-License-Identifier: Apache-2.0
#include "lib/cgroup/delegation.h"

#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/cgroup/control_file.h"
#include "lib/cgroup/directory.h"
#include "lib/sys/unique_fd.h"

namespace tug::cgroup {
namespace {

constexpr char kLeaf[] = "daemons";
// Processes may fork while they are moved; more rounds mean something is odd.
constexpr int kMoveRounds = 16;

absl::StatusOr<std::string> OwnPath() {
  const UniqueFd proc(open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  ASSIGN_OR_RETURN(const std::string text, ReadControl(proc.get(), "cgroup"));
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (absl::ConsumePrefix(&line, "0::/")) return std::string(line);
  }
  return absl::FailedPreconditionError("this process has no v2 cgroup");
}

bool IsDelegated(int directory) {
  char value[8] = {};
  for (const char* name : {"trusted.delegate", "user.delegate"}) {
    if (fgetxattr(directory, name, value, sizeof(value)) > 0 &&
        value[0] == '1') {
      return true;
    }
  }
  return false;
}

absl::Status MoveIntoLeaf(int directory) {
  ASSIGN_OR_RETURN(const UniqueFd leaf,
                   MakeDirectories(directory, kLeaf,
                                   [](int, int) { return absl::OkStatus(); }));
  for (int round = 0; round < kMoveRounds; ++round) {
    ASSIGN_OR_RETURN(const std::vector<int> pids, ReadProcesses(directory));
    if (pids.empty()) return absl::OkStatus();
    for (const int pid : pids) {
      const absl::Status moved = WriteControl(leaf.get(), "cgroup.procs", pid);
      if (!moved.ok() && StatusErrno(moved) != ESRCH) return moved;
    }
  }
  return absl::UnavailableError("processes keep appearing in our own cgroup");
}

}  // namespace

absl::StatusOr<std::string> ClaimDelegatedRoot(int root) {
  ASSIGN_OR_RETURN(std::string path, OwnPath());
  const std::string suffix = absl::StrCat("/", kLeaf);
  if (absl::EndsWith(path, suffix)) {
    path.resize(path.size() - suffix.size());
  }
  if (path.empty()) return path;
  ASSIGN_OR_RETURN(const UniqueFd directory, OpenDirectory(root, path));
  if (!IsDelegated(directory.get())) return std::string();
  RETURN_IF_ERROR(Annotate(MoveIntoLeaf(directory.get()),
                           absl::StrCat("prepare delegated cgroup ", path)));
  return path;
}

}  // namespace tug::cgroup
