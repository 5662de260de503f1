// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/init/launch_plan_fuzz.h"

#include <cstring>
#include <vector>

#include "services/runtimed/init/launch_plan.h"

namespace tug::runtimed {

// Visible elsewhere, so that the reading is not optimized away.
size_t fuzz_sum = 0;

namespace {

// Touches every byte that a reader may touch, so that a sanitizer sees it.
size_t ReadAll(const PlanView& view) {
  const LaunchPlan& plan = view.plan();
  size_t sum = 0;
  const auto text = [&](const PlanString& string) {
    sum += strlen(view.Text(string));
  };
  for (const PlanString& string :
       {plan.cwd, plan.user, plan.apparmor_profile, plan.hostname,
        plan.domainname, plan.cgroup2_directory, plan.oom_events,
        plan.root_directory, plan.upper, plan.work, plan.container_id,
        plan.log_path, plan.log_attributes, plan.socket_path,
        plan.exit_record_path}) {
    text(string);
  }
  for (const PlanTable& table :
       {plan.argv, plan.environment, plan.additional_groups, plan.cgroup_tasks,
        plan.lower, plan.masked_paths, plan.readonly_paths}) {
    for (uint32_t i = 0; i < table.count; ++i) {
      sum += strlen(view.TextAt(table, i));
    }
  }
  for (uint32_t i = 0; i < plan.mounts.count; ++i) {
    const auto& row = view.At<PlanMount>(plan.mounts, i);
    for (const PlanString& string :
         {row.source, row.subpath, row.target, row.options}) {
      text(string);
    }
  }
  for (uint32_t i = 0; i < plan.devices.count; ++i) {
    text(view.At<PlanDevice>(plan.devices, i).path);
  }
  for (uint32_t i = 0; i < plan.sysctls.count; ++i) {
    text(view.At<PlanSysctl>(plan.sysctls, i).path);
    text(view.At<PlanSysctl>(plan.sysctls, i).value);
  }
  for (uint32_t i = 0; i < plan.cgroup_mounts.count; ++i) {
    text(view.At<PlanCgroupMount>(plan.cgroup_mounts, i).name);
    text(view.At<PlanCgroupMount>(plan.cgroup_mounts, i).source);
  }
  for (uint32_t i = 0; i < plan.joins.count; ++i) {
    sum += view.At<PlanJoin>(plan.joins, i).namespace_flag;
  }
  for (uint32_t i = 0; i < plan.rlimits.count; ++i) {
    sum += view.At<PlanRlimit>(plan.rlimits, i).resource;
  }
  for (uint32_t i = 0; i < plan.seccomp.count; ++i) {
    sum += view.At<uint64_t>(plan.seccomp, i) & 1;
  }
  return sum;
}

}  // namespace
}  // namespace tug::runtimed

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  // As mapped: aligned, and nothing readable behind it.
  std::vector<uint64_t> aligned((size + 7) / 8);
  if (size > 0) memcpy(aligned.data(), bytes, size);
  tug::runtimed::PlanView view;
  if (tug::runtimed::PlanView::Parse(aligned.data(), size, &view) != 0) {
    return 0;
  }
  tug::runtimed::fuzz_sum = tug::runtimed::ReadAll(view);
  return 0;
}
