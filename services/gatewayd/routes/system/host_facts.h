// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tug::gatewayd {

// What does not change while the machine runs. Read once, before the gateway
// gives up its view of the file system.
struct HostFacts {
  std::string host_name;
  std::string kernel_version;    // "6.1.0-18-amd64"
  std::string machine;           // "x86_64"
  std::string architecture;      // "amd64"
  std::string operating_system;  // PRETTY_NAME
  std::string os_version;        // VERSION_ID
  std::string machine_id;        // Empty when the machine has none.
  int64_t memory_total = 0;      // Bytes.
  int cpu_count = 0;
  // 1 or 2.
  int cgroup_version = 1;
  bool memory_limit = false;
  bool swap_limit = false;
  bool cpu_shares = false;
  bool cpu_quota = false;
  bool cpuset = false;
  bool pids_limit = false;
  bool oom_kill_disable = false;
  bool seccomp = false;
  bool ipv4_forwarding = false;
  // When this program was built: the time of its file, RFC 3339.
  std::string build_time;
};

// `root`: "" for this machine, a directory for tests.
HostFacts ReadHostFacts(const std::string& root = "");

// What users should know of missing support, in Docker's words.
std::vector<std::string> HostWarnings(const HostFacts& facts);

}  // namespace tug::gatewayd
