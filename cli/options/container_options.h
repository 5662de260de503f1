// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/flags/flag_set.h"

namespace tug::cli {

// What `run` and `create` may be told about a container. A plain value;
// container_request.h turns it into the API's body.
struct ContainerOptions {
  // The process.
  std::vector<std::string> env, env_files, labels, label_files, group_add;
  std::string user, workdir, stop_signal;
  std::optional<std::string> entrypoint;
  std::optional<int64_t> stop_timeout;
  bool tty = false, interactive = false, init = false, privileged = false;
  std::vector<std::string> cap_add, cap_drop, security_opt, sysctls, ulimits;
  std::vector<std::string> attach, annotations;

  // Names.
  std::string name, hostname, domainname, cid_file, platform, runtime;
  std::string pull = "missing";
  bool quiet = false;

  // Files.
  std::vector<std::string> volumes, mounts, tmpfs, volumes_from, devices;
  std::vector<std::string> device_cgroup_rules, storage_opt;
  bool read_only = false;
  std::string shm_size, volume_driver;

  // Network.
  std::vector<std::string> publish, expose, networks, network_aliases;
  std::vector<std::string> dns, dns_search, dns_options, add_host, links;
  std::vector<std::string> link_local_ips;
  bool publish_all = false;
  std::string ip, ip6, mac_address;

  // Namespaces.
  std::string ipc, pid, uts, userns, cgroupns, cgroup_parent;

  // Limits.
  std::string memory, memory_swap, memory_reservation, cpus;
  std::string cpuset_cpus, cpuset_mems;
  std::optional<int64_t> cpu_shares, cpu_period, cpu_quota, pids_limit;
  std::optional<int64_t> cpu_rt_period, cpu_rt_runtime;
  std::optional<int64_t> memory_swappiness, oom_score_adj, blkio_weight;
  bool oom_kill_disable = false;

  // Life.
  std::string restart;
  bool remove = false;
  std::string log_driver;
  std::vector<std::string> log_opt;
  std::string health_cmd, health_interval, health_timeout;
  std::string health_start_period, health_start_interval;
  std::optional<int64_t> health_retries;
  bool no_healthcheck = false;
};

// Adds the flags of `create`; `run` has some more of its own.
void AddContainerFlags(ContainerOptions& options, FlagSet& flags);

}  // namespace tug::cli
