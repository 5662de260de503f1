// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/spec/rlimits.h"

#include <sys/resource.h>

#include <optional>

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "lib/kernel/capability.h"
#include "lib/program/open_files.h"
#include "services/runtimed/spec/spec_error.h"

namespace tug::runtimed {
namespace {

struct Name {
  const char* name;
  int resource;
};

constexpr Name kNames[] = {
    {"as", RLIMIT_AS},
    {"core", RLIMIT_CORE},
    {"cpu", RLIMIT_CPU},
    {"data", RLIMIT_DATA},
    {"fsize", RLIMIT_FSIZE},
    {"locks", RLIMIT_LOCKS},
    {"memlock", RLIMIT_MEMLOCK},
    {"msgqueue", RLIMIT_MSGQUEUE},
    {"nice", RLIMIT_NICE},
    {"nofile", RLIMIT_NOFILE},
    {"nproc", RLIMIT_NPROC},
    {"rss", RLIMIT_RSS},
    {"rtprio", RLIMIT_RTPRIO},
    {"rttime", RLIMIT_RTTIME},
    {"sigpending", RLIMIT_SIGPENDING},
    {"stack", RLIMIT_STACK},
};

std::optional<int> ResourceOf(const std::string& name) {
  for (const Name& row : kNames) {
    if (name == row.name) return row.resource;
  }
  return std::nullopt;
}

uint64_t Value(int64_t limit) {
  return limit < 0 ? ~uint64_t{0} : static_cast<uint64_t>(limit);
}

bool MayRaise() {
  return (kernel::OwnBoundingSet() >>
              *kernel::CapabilityNumber("SYS_RESOURCE") &
          1) != 0;
}

// Containers inherit the engine's limits, but runtimed has raised this one for
// itself. An explicit one comes later in the list and wins.
PlanRlimit InheritedOpenFiles() {
  const rlimit given = GivenOpenFileLimit();
  PlanRlimit limit = {};
  limit.resource = RLIMIT_NOFILE;
  limit.soft = given.rlim_cur;
  limit.hard = given.rlim_max;
  return limit;
}

}  // namespace

absl::StatusOr<std::vector<PlanRlimit>> ContainerRlimits(
    const runtime::v1::HostConfig& host) {
  std::vector<PlanRlimit> limits = {InheritedOpenFiles()};
  for (const runtime::v1::Ulimit& ulimit : host.ulimits().values()) {
    const std::optional<int> resource = ResourceOf(ulimit.name());
    if (!resource.has_value()) {
      return SpecError(absl::StrCat("invalid ulimit type: ", ulimit.name()));
    }
    PlanRlimit limit = {};
    limit.resource = static_cast<uint32_t>(*resource);
    limit.soft = Value(ulimit.soft());
    limit.hard = Value(ulimit.hard());
    if (limit.soft > limit.hard) {
      return SpecError(absl::StrCat(
          "ulimit soft limit must be less than or equal to hard limit: ",
          ulimit.soft(), " > ", ulimit.hard()));
    }
    rlimit own = {};
    getrlimit(static_cast<__rlimit_resource>(*resource), &own);
    if (limit.hard > own.rlim_max && !MayRaise()) {
      return SpecError(absl::StrCat(
          "ulimit ", ulimit.name(),
          ": the engine may not raise the hard "
          "limit above ",
          own.rlim_max, " on this host (it lacks CAP_SYS_RESOURCE)"));
    }
    limits.push_back(limit);
  }
  return limits;
}

}  // namespace tug::runtimed
