// SPDX-License-Identifier: Apache-2.0
#include "lib/cgroup/memory.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "lib/cgroup/control_file.h"

namespace tug::cgroup {
namespace {

// "max" of v2 for -1.
absl::Status WriteLimitV2(int directory, const char* file, int64_t value) {
  return value < 0 ? WriteControl(directory, file, "max")
                   : WriteControl(directory, file, value);
}

// Memory and memory+swap bound each other; which may be written first depends
// on whether the limits grow or shrink, so the other order is the fallback.
absl::Status WriteLimitsV1(int directory, int64_t memory, int64_t swap) {
  constexpr const char* kMemory = "memory.limit_in_bytes";
  constexpr const char* kSwap = "memory.memsw.limit_in_bytes";
  // A kernel without swap accounting has no such file, and no swap to limit.
  const bool has_swap = faccessat(directory, kSwap, W_OK, 0) == 0;
  if (swap == 0 || !has_swap) {
    return memory == 0 ? absl::OkStatus()
                       : WriteControl(directory, kMemory, memory);
  }
  if (memory == 0) return WriteControl(directory, kSwap, swap);
  if (WriteControl(directory, kMemory, memory).ok()) {
    return WriteControl(directory, kSwap, swap);
  }
  RETURN_IF_ERROR(WriteControl(directory, kSwap, swap));
  return WriteControl(directory, kMemory, memory);
}

}  // namespace

absl::Status ApplyMemoryV1(int directory, const Resources& r) {
  RETURN_IF_ERROR(WriteLimitsV1(directory, r.memory, r.memory_swap));
  if (r.memory_reservation != 0) {
    RETURN_IF_ERROR(WriteControl(directory, "memory.soft_limit_in_bytes",
                                 r.memory_reservation));
  }
  if (r.memory_swappiness.has_value() && *r.memory_swappiness >= 0) {
    RETURN_IF_ERROR(
        WriteControl(directory, "memory.swappiness", *r.memory_swappiness));
  }
  if (r.oom_kill_disable) {
    RETURN_IF_ERROR(WriteControl(directory, "memory.oom_control", 1));
  }
  return absl::OkStatus();
}

absl::Status ApplyMemoryV2(int directory, const Resources& r) {
  if (r.memory_swap != 0) {
    // v2 counts swap alone; runtimes convert by subtraction.
    const int64_t swap =
        r.memory_swap < 0 || r.memory < 0 ? -1 : r.memory_swap - r.memory;
    if (faccessat(directory, "memory.swap.max", W_OK, 0) == 0) {
      RETURN_IF_ERROR(WriteLimitV2(directory, "memory.swap.max", swap));
    }
  }
  if (r.memory != 0) {
    RETURN_IF_ERROR(WriteLimitV2(directory, "memory.max", r.memory));
  }
  if (r.memory_reservation != 0) {
    // A reservation protects: none is 0, where v1 has a limit to lift.
    RETURN_IF_ERROR(WriteControl(directory, "memory.low",
                                 std::max<int64_t>(r.memory_reservation, 0)));
  }
  return absl::OkStatus();
}

void ReadMemoryV1(int directory, Stats& stats) {
  stats.memory_usage =
      ReadNumber(directory, "memory.usage_in_bytes").value_or(0);
  stats.memory_max_usage =
      ReadNumber(directory, "memory.max_usage_in_bytes").value_or(0);
  stats.memory_limit =
      ReadNumber(directory, "memory.limit_in_bytes").value_or(0);
  auto keyed = ReadKeyed(directory, "memory.stat");
  if (keyed.ok()) stats.memory = *std::move(keyed);
}

void ReadMemoryV2(int directory, Stats& stats) {
  stats.memory_usage = ReadNumber(directory, "memory.current").value_or(0);
  stats.memory_max_usage = ReadNumber(directory, "memory.peak").value_or(0);
  stats.memory_limit = ReadNumber(directory, "memory.max").value_or(0);
  auto keyed = ReadKeyed(directory, "memory.stat");
  if (keyed.ok()) stats.memory = *std::move(keyed);
}

uint64_t OomKillsV1(int directory) {
  const auto keyed = ReadKeyed(directory, "memory.oom_control");
  if (!keyed.ok()) return 0;
  const auto found = keyed->find("oom_kill");
  return found == keyed->end() ? 0 : found->second;
}

uint64_t OomKillsV2(int directory) {
  const auto keyed = ReadKeyed(directory, "memory.events");
  if (!keyed.ok()) return 0;
  const auto found = keyed->find("oom_kill");
  return found == keyed->end() ? 0 : found->second;
}

}  // namespace tug::cgroup
