// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>

#include "lib/sys/file.h"
#include "services/runtimed/init/steps.h"

namespace tug::runtimed {
namespace {

const char* RlimitName(uint32_t resource) {
  constexpr const char* kNames[] = {"cpu",      "fsize", "data",   "stack",
                                    "core",     "rss",   "nproc",  "nofile",
                                    "memlock",  "as",    "locks",  "sigpending",
                                    "msgqueue", "nice",  "rtprio", "rttime"};
  static_assert(sizeof(kNames) / sizeof(kNames[0]) == RLIM_NLIMITS);
  return kNames[resource];
}

}  // namespace

// Always written, else the engine's own score would be inherited. Lowering it
// without CAP_SYS_RESOURCE is refused; the score then stays.
long SetOomScore(InitContext& context) {
  const int score =
      context.plan.has(kPlanOomScore) ? context.plan->oom_score_adj : 0;
  char text[16];
  snprintf(text, sizeof(text), "%d", score);
  context.operand = "oom_score_adj";
  const long error =
      sys::WriteFileAt(AT_FDCWD, "/proc/self/oom_score_adj", text);
  return error == -EACCES || error == -EPERM ? 0 : error;
}

long SetLimits(InitContext& context) {
  const PlanTable& limits = context.plan->rlimits;
  for (uint32_t i = 0; i < limits.count; ++i) {
    const PlanRlimit& row = context.plan.At<PlanRlimit>(limits, i);
    const rlimit limit = {row.soft, row.hard};
    context.operand = RlimitName(row.resource);
    if (setrlimit(static_cast<__rlimit_resource>(row.resource), &limit) != 0) {
      return -errno;
    }
  }
  umask(context.plan->umask);
  return 0;
}

}  // namespace tug::runtimed
