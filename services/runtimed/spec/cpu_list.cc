// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/spec/cpu_list.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <set>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/status_macros.h"
#include "services/runtimed/spec/spec_error.h"

namespace tug::runtimed {
namespace {

// Docker's bound, and the kernel's (CONFIG_NR_CPUS is at most that).
constexpr uint32_t kMaxUnit = 8192;

// The first line of a file of sysfs; `fallback` where there is none.
std::string ReadList(const char* path, const char* fallback) {
  std::ifstream file(path);
  std::string line;
  return std::getline(file, line) && !line.empty() ? line : fallback;
}

absl::StatusOr<std::set<uint32_t>> ParseList(const std::string& text) {
  std::set<uint32_t> units;
  for (absl::string_view part : absl::StrSplit(text, ',')) {
    const std::vector<absl::string_view> ends =
        absl::StrSplit(part, absl::MaxSplits('-', 1));
    uint64_t first = 0;
    uint64_t last = 0;
    if (!absl::SimpleAtoi(ends.front(), &first) ||
        !absl::SimpleAtoi(ends.back(), &last) || last < first ||
        part.find(' ') != absl::string_view::npos) {
      return absl::InvalidArgumentError(absl::StrCat("invalid format: ", text));
    }
    if (last > kMaxUnit) {
      return absl::InvalidArgumentError(
          absl::StrCat("value of out range, maximum is ", kMaxUnit));
    }
    for (uint64_t unit = first; unit <= last; ++unit) units.insert(unit);
  }
  return units;
}

// `kind`: "cpus" or "mems"; `name`: the same as users call it.
absl::Status Check(const std::string& asked, const std::string& online,
                   absl::string_view kind, absl::string_view name) {
  if (asked.empty()) return absl::OkStatus();
  const auto wanted = ParseList(asked);
  if (!wanted.ok()) {
    return SpecError(absl::StrCat("Invalid value ", asked, " for cpuset ", kind,
                                  ": ", wanted.status().message()));
  }
  const auto present = ParseList(online);
  // A list that we cannot read forbids nothing: the cgroup decides.
  if (!present.ok()) return absl::OkStatus();
  if (std::includes(present->begin(), present->end(), wanted->begin(),
                    wanted->end())) {
    return absl::OkStatus();
  }
  return SpecError(absl::StrCat("Requested ", name,
                                " are not available - requested ", asked,
                                ", available: ", online));
}

}  // namespace

OnlineUnits ReadOnlineUnits() {
  return {ReadList("/sys/devices/system/cpu/online", ""),
          // A kernel without NUMA has node 0 alone.
          ReadList("/sys/devices/system/node/online", "0")};
}

absl::Status CheckCpusets(const std::string& cpus, const std::string& mems,
                          const OnlineUnits& online) {
  RETURN_IF_ERROR(Check(cpus, online.cpus, "cpus", "CPUs"));
  return Check(mems, online.memory_nodes, "mems", "memory nodes");
}

}  // namespace tug::runtimed
