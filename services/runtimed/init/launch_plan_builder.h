// SPDX-License-Identifier: Apache-2.0
//
// Writes launch plans (launch_plan.h). For runtimed: it allocates.
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/sys/unique_fd.h"
#include "services/runtimed/init/launch_plan.h"

namespace tug::runtimed {

// One mount, with the meanings of PlanMount.
struct MountSpec {
  PlanMountType type = PlanMountType::kBind;
  std::string target;
  std::string source;
  std::string subpath;
  std::string options;
  uint64_t attributes = 0;
  uint32_t flags = 0;
  PlanPropagation propagation = PlanPropagation::kRecursivePrivate;
};

// One device node, with the meanings of PlanDevice.
struct DeviceSpec {
  std::string path;
  char type = 'c';
  uint32_t major = 0;
  uint32_t minor = 0;
  uint32_t mode = 0666;
  uint32_t uid = 0;
  uint32_t gid = 0;
};

// Everything a plan can say, as plain values. Fields mean what the fields of
// LaunchPlan of the same name mean; empty strings are absent ones.
struct LaunchSpec {
  PlanKind kind = PlanKind::kContainer;
  uint64_t flags = 0;
  std::vector<std::string> argv;
  std::vector<std::string> environment;
  std::string cwd = "/";
  std::string user;
  std::vector<std::string> additional_groups;
  uint32_t umask = 0022;
  int32_t oom_score_adj = 0;
  uint64_t bounding_capabilities = 0;
  uint64_t permitted_capabilities = 0;
  std::vector<sock_filter> seccomp;
  std::vector<PlanRlimit> rlimits;
  std::string apparmor_profile;
  uint32_t rows = 0;
  uint32_t columns = 0;

  uint64_t new_namespaces = 0;
  std::vector<PlanJoin> joins;
  std::string hostname;
  std::string domainname;
  std::vector<std::string> cgroup_tasks;
  std::string cgroup2_directory;
  struct CgroupMount {
    std::string name;
    std::string source;
  };
  std::vector<CgroupMount> cgroup_mounts;
  std::string oom_events;

  std::string root_directory;
  std::vector<std::string> lower;
  std::string upper;
  std::string work;
  PlanPropagation root_propagation = PlanPropagation::kRecursivePrivate;
  uint32_t shm_namespace = 0;
  std::vector<MountSpec> mounts;
  std::vector<DeviceSpec> devices;
  std::vector<std::string> masked_paths;
  std::vector<std::string> readonly_paths;
  struct Sysctl {
    // Either form: "net.ipv4.ip_forward" or "net/ipv4/ip_forward".
    std::string key;
    std::string value;
  };
  std::vector<Sysctl> sysctls;

  std::string container_id;
  PlanLogType log_type = PlanLogType::kNone;
  std::string log_path;
  uint64_t log_max_size = 0;
  std::string log_attributes;
  std::string socket_path;
  std::string exit_record_path;
};

// Has `argv` run below an init: shows a copy of the static init at `init_path`,
// read-only, at /sbin/docker-init and makes it the program.
void RunUnderInit(std::string_view init_path, LaunchSpec* spec);

// "net.ipv4.conf.eth0/1.forwarding" to "net/ipv4/conf/eth0.1/forwarding"; a key
// whose first separator is a slash stays as it is (sysctl(8)).
std::string SysctlPath(std::string_view key);

// The bytes of a plan. Strings may not contain NUL: they would end there; the
// caller has refused such input. Limits are checked by PlanView::Parse.
std::vector<uint64_t> SerializePlan(const LaunchSpec& spec);

// A sealed memfd (close-on-exec) with the plan, checked with PlanView::Parse.
// 0 or -errno: -EINVAL, -E2BIG for what the reader would refuse.
long WritePlan(const LaunchSpec& spec, UniqueFd* memfd);

}  // namespace tug::runtimed
