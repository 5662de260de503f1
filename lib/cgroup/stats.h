// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tug::cgroup {

// Bytes that one device has moved in one direction ("read" or "write").
struct IoBytes {
  uint64_t major = 0;
  uint64_t minor = 0;
  std::string direction;
  uint64_t bytes = 0;
};

// What a group has used. Times are nanoseconds, sizes bytes.
struct Stats {
  uint64_t cpu_total = 0;
  uint64_t cpu_user = 0;
  uint64_t cpu_system = 0;
  // v1 only.
  std::vector<uint64_t> cpu_each;
  uint64_t periods = 0;
  uint64_t throttled_periods = 0;
  uint64_t throttled_time = 0;
  uint64_t memory_usage = 0;
  uint64_t memory_max_usage = 0;
  // The kernel's huge "unlimited" value when there is no limit.
  uint64_t memory_limit = 0;
  std::map<std::string, uint64_t> memory;
  uint64_t pids = 0;
  // 0: unlimited.
  uint64_t pids_limit = 0;
  std::vector<IoBytes> io;
};

}  // namespace tug::cgroup
