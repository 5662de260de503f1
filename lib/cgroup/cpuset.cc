// SPDX-License-Identifier: Apache-2.0
#include "lib/cgroup/cpuset.h"

#include <string>

#include "absl/strings/ascii.h"
#include "lib/base/status_macros.h"
#include "lib/cgroup/control_file.h"

namespace tug::cgroup {

absl::Status InheritCpusetV1(int parent, int directory) {
  for (const char* file : {"cpuset.cpus", "cpuset.mems"}) {
    ASSIGN_OR_RETURN(const std::string own, ReadControl(directory, file));
    if (!absl::StripAsciiWhitespace(own).empty()) continue;
    ASSIGN_OR_RETURN(const std::string above, ReadControl(parent, file));
    RETURN_IF_ERROR(
        WriteControl(directory, file, absl::StripAsciiWhitespace(above)));
  }
  return absl::OkStatus();
}

absl::Status ApplyCpuset(int directory, const Resources& r) {
  if (!r.cpuset_cpus.empty()) {
    RETURN_IF_ERROR(WriteControl(directory, "cpuset.cpus", r.cpuset_cpus));
  }
  if (!r.cpuset_mems.empty()) {
    RETURN_IF_ERROR(WriteControl(directory, "cpuset.mems", r.cpuset_mems));
  }
  return absl::OkStatus();
}

}  // namespace tug::cgroup
