// SPDX-License-Identifier: Apache-2.0
#include "lib/cgroup/cpu.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/status_macros.h"
#include "lib/cgroup/control_file.h"

namespace tug::cgroup {
namespace {

constexpr uint64_t kNanosPerMicro = 1000;
// cpuacct.stat counts in USER_HZ, which is 100 on every Linux user interface.
constexpr uint64_t kNanosPerTick = 10'000'000;

uint64_t Find(const std::map<std::string, uint64_t>& values, const char* key) {
  const auto found = values.find(key);
  return found == values.end() ? 0 : found->second;
}

}  // namespace

int64_t WeightOfShares(int64_t shares) {
  if (shares == 0) return 0;
  const int64_t bounded = std::clamp<int64_t>(shares, 2, 262144);
  return 1 + (bounded - 2) * 9999 / 262142;
}

absl::Status ApplyCpuV1(int directory, const Resources& r) {
  if (r.cpu_shares != 0) {
    RETURN_IF_ERROR(WriteControl(directory, "cpu.shares", r.cpu_shares));
  }
  if (r.cpu_period != 0) {
    RETURN_IF_ERROR(WriteControl(directory, "cpu.cfs_period_us", r.cpu_period));
  }
  if (r.cpu_quota != 0) {
    RETURN_IF_ERROR(WriteControl(directory, "cpu.cfs_quota_us", r.cpu_quota));
  }
  if (r.cpu_realtime_period != 0) {
    RETURN_IF_ERROR(
        WriteControl(directory, "cpu.rt_period_us", r.cpu_realtime_period));
  }
  if (r.cpu_realtime_runtime != 0) {
    RETURN_IF_ERROR(
        WriteControl(directory, "cpu.rt_runtime_us", r.cpu_realtime_runtime));
  }
  return absl::OkStatus();
}

absl::Status ApplyCpuV2(int directory, const Resources& r) {
  if (r.cpu_shares != 0) {
    RETURN_IF_ERROR(
        WriteControl(directory, "cpu.weight", WeightOfShares(r.cpu_shares)));
  }
  if (r.cpu_quota == 0 && r.cpu_period == 0) return absl::OkStatus();
  const std::string quota =
      r.cpu_quota > 0 ? absl::StrCat(r.cpu_quota) : std::string("max");
  const int64_t period = r.cpu_period > 0 ? r.cpu_period : 100'000;
  return WriteControl(directory, "cpu.max", absl::StrCat(quota, " ", period));
}

void ReadCpuV1(int directory, int account, Stats& stats) {
  if (directory >= 0) {
    const auto throttle = ReadKeyed(directory, "cpu.stat");
    if (throttle.ok()) {
      stats.periods = Find(*throttle, "nr_periods");
      stats.throttled_periods = Find(*throttle, "nr_throttled");
      stats.throttled_time = Find(*throttle, "throttled_time");
    }
  }
  if (account < 0) return;
  stats.cpu_total = ReadNumber(account, "cpuacct.usage").value_or(0);
  const auto split = ReadKeyed(account, "cpuacct.stat");
  if (split.ok()) {
    stats.cpu_user = Find(*split, "user") * kNanosPerTick;
    stats.cpu_system = Find(*split, "system") * kNanosPerTick;
  }
  const auto each = ReadControl(account, "cpuacct.usage_percpu");
  if (!each.ok()) return;
  for (absl::string_view word :
       absl::StrSplit(*each, absl::ByAnyChar(" \n"), absl::SkipEmpty())) {
    uint64_t value = 0;
    if (absl::SimpleAtoi(word, &value)) stats.cpu_each.push_back(value);
  }
}

void ReadCpuV2(int directory, Stats& stats) {
  const auto keyed = ReadKeyed(directory, "cpu.stat");
  if (!keyed.ok()) return;
  stats.cpu_total = Find(*keyed, "usage_usec") * kNanosPerMicro;
  stats.cpu_user = Find(*keyed, "user_usec") * kNanosPerMicro;
  stats.cpu_system = Find(*keyed, "system_usec") * kNanosPerMicro;
  stats.periods = Find(*keyed, "nr_periods");
  stats.throttled_periods = Find(*keyed, "nr_throttled");
  stats.throttled_time = Find(*keyed, "throttled_usec") * kNanosPerMicro;
}

}  // namespace tug::cgroup
