// SPDX-License-Identifier: Apache-2.0
#include "lib/cgroup/pids.h"

#include <limits>

#include "lib/cgroup/control_file.h"

namespace tug::cgroup {

absl::Status ApplyPids(int directory, const Resources& r) {
  if (r.pids == 0) return absl::OkStatus();
  return r.pids < 0 ? WriteControl(directory, "pids.max", "max")
                    : WriteControl(directory, "pids.max", r.pids);
}

void ReadPids(int directory, Stats& stats) {
  stats.pids = ReadNumber(directory, "pids.current").value_or(0);
  const uint64_t limit = ReadNumber(directory, "pids.max").value_or(0);
  stats.pids_limit = limit == std::numeric_limits<uint64_t>::max() ? 0 : limit;
}

}  // namespace tug::cgroup
