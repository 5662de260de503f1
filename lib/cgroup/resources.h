// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tug::cgroup {

// One line of a device policy: "c 1:3 rwm". Absent numbers match any.
struct DeviceRule {
  bool allow = true;
  char type = 'a';  // 'a' (all), 'b' or 'c'.
  std::optional<uint32_t> major;
  std::optional<uint32_t> minor;
  std::string access = "rwm";  // A subset of "rwm".

  bool operator==(const DeviceRule&) const = default;
};

// One device's weight, or its limit in bytes or operations a second.
struct DeviceValue {
  uint32_t major = 0;
  uint32_t minor = 0;
  uint64_t value = 0;
};

// What a group may use. A value left at its default is not written, so that
// an update changes only what it names.
struct Resources {
  // Bytes; -1: unlimited; 0: leave.
  int64_t memory = 0;
  int64_t memory_reservation = 0;
  // Memory plus swap in bytes; -1: unlimited; 0: leave.
  int64_t memory_swap = 0;
  std::optional<int64_t> memory_swappiness;
  bool oom_kill_disable = false;

  // Relative to 1024; 0: leave.
  int64_t cpu_shares = 0;
  // Microseconds; 0: leave. A quota of -1 is unlimited.
  int64_t cpu_period = 0;
  int64_t cpu_quota = 0;
  int64_t cpu_realtime_period = 0;
  int64_t cpu_realtime_runtime = 0;
  std::string cpuset_cpus;
  std::string cpuset_mems;

  // -1: unlimited; 0: leave.
  int64_t pids = 0;

  // 10 to 1000; 0: leave.
  uint32_t io_weight = 0;
  std::vector<DeviceValue> io_weight_devices;
  std::vector<DeviceValue> io_read_bps;
  std::vector<DeviceValue> io_write_bps;
  std::vector<DeviceValue> io_read_iops;
  std::vector<DeviceValue> io_write_iops;

  // The whole policy, in order; the last match wins, and without a match
  // access is refused. Empty: leave as it is.
  std::vector<DeviceRule> devices;
};

}  // namespace tug::cgroup
