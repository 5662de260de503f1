// SPDX-License-Identifier: Apache-2.0
#include "lib/cgroup/cgroup.h"

#include <fcntl.h>

#include <cerrno>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/cgroup/control_file.h"
#include "lib/cgroup/mounted.h"
#include "lib/cgroup/tree_v1.h"
#include "lib/cgroup/tree_v2.h"
#include "lib/sys/unique_fd.h"

namespace tug::cgroup {
namespace {

// Longest cgroup path; the kernel's is PATH_MAX less the mount point.
constexpr size_t kMaxPath = 1024;

bool IsPathCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' ||
         c == '.' || c == ':' || c == '-' || c == '/';
}

}  // namespace

absl::Status CheckCgroupPath(absl::string_view path) {
  const absl::Status error = absl::InvalidArgumentError(absl::StrCat(
      "invalid cgroup path '", path,
      "': names of letters, digits and _.:- joined by single slashes"));
  if (path.empty() || path.size() > kMaxPath) return error;
  for (const char c : path) {
    if (!IsPathCharacter(c)) return error;
  }
  for (absl::string_view part : absl::StrSplit(path, '/')) {
    if (part.empty() || part == "." || part == "..") return error;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<CgroupTree>> OpenCgroupTree() {
  const UniqueFd proc(open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!proc) return ErrnoStatus(errno, "open /proc/self");
  ASSIGN_OR_RETURN(const std::string text,
                   ReadControl(proc.get(), "mountinfo"));
  const std::vector<MountedHierarchy> mounted = ParseMountedHierarchies(text);
  const MountedHierarchy* unified = nullptr;
  bool limits = false;
  for (const MountedHierarchy& hierarchy : mounted) {
    if (hierarchy.v2) unified = &hierarchy;
    for (const std::string& name : hierarchy.controllers) {
      limits = limits || name == "memory" || name == "cpu" || name == "pids";
    }
  }
  if (limits) return OpenTreeV1(mounted);
  if (unified != nullptr) return OpenTreeV2(unified->path);
  return absl::FailedPreconditionError(
      "no cgroup file system is mounted: mount cgroup2 at /sys/fs/cgroup");
}

}  // namespace tug::cgroup
