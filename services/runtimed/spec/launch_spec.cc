// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/spec/launch_spec.h"

#include <sched.h>

#include <iterator>
#include <set>

#include "lib/base/status_macros.h"
#include "services/runtimed/protocol/protocol.h"
#include "services/runtimed/spec/capabilities.h"
#include "services/runtimed/spec/default_seccomp.h"
#include "services/runtimed/spec/devices.h"
#include "services/runtimed/spec/log_options.h"
#include "services/runtimed/spec/mounts.h"
#include "services/runtimed/spec/process.h"
#include "services/runtimed/spec/rlimits.h"
#include "services/runtimed/spec/seccomp_profile.h"
#include "services/runtimed/spec/security_options.h"
#include "services/runtimed/spec/sysctls.h"

namespace tug::runtimed {
namespace {

using runtime::v1::Config;
using runtime::v1::Container;
using runtime::v1::HostConfig;
using Kind = NamespaceChoice::Kind;

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080  // linux/sched.h, Linux 5.6.
#endif

// A privileged container has no filter but the one that its user gives. An exec
// has its container's, also a privileged exec: what the container's rights open
// in it is open, no more.
absl::Status SetSeccomp(const LaunchInput& input,
                        kernel::CapabilitySet capabilities, LaunchSpec& spec) {
  const HostConfig& host = input.record.container().host_config();
  ASSIGN_OR_RETURN(const SecurityOptions options, ParseSecurityOptions(host));
  const bool custom = options.seccomp == SecurityOptions::Seccomp::kCustom;
  if ((host.privileged() && !custom) ||
      options.seccomp == SecurityOptions::Seccomp::kUnconfined) {
    return absl::OkStatus();
  }
  kernel::SeccompPolicy policy;
  if (custom) {
    ASSIGN_OR_RETURN(policy,
                     ParseSeccompProfile(options.seccomp_json, capabilities));
  } else {
    policy = DefaultSeccompPolicy(capabilities);
  }
  ASSIGN_OR_RETURN(const SeccompCache::Program program,
                   input.seccomp.Compiled(policy));
  spec.seccomp = *program;
  return absl::OkStatus();
}

absl::Status SetSecurity(const LaunchInput& input, bool privileged,
                         LaunchSpec& spec) {
  const HostConfig& host = input.record.container().host_config();
  ASSIGN_OR_RETURN(const kernel::CapabilitySet capabilities,
                   ContainerCapabilities(host, input.facts.capabilities));
  const kernel::CapabilitySet granted =
      privileged ? input.facts.capabilities : capabilities;
  spec.bounding_capabilities = granted;
  spec.permitted_capabilities = granted;
  ASSIGN_OR_RETURN(const SecurityOptions options, ParseSecurityOptions(host));
  if (options.no_new_privileges) spec.flags |= kPlanNoNewPrivileges;
  if (options.writable_cgroups.value_or(host.privileged())) {
    spec.flags |= kPlanWritableCgroups;
  }
  if (!options.apparmor.empty() && options.apparmor != "unconfined") {
    spec.apparmor_profile = options.apparmor;
  }
  return SetSeccomp(input, capabilities, spec);
}

std::string HostnameOf(const LaunchInput& input) {
  const Container& container = input.record.container();
  return container.config().hostname().empty() ? input.shared_hostname
                                               : container.config().hostname();
}

// They are the container's, whoever its processes run as.
void AddGroups(const HostConfig& host, LaunchSpec& spec) {
  for (const std::string& group : host.group_add().values()) {
    spec.additional_groups.push_back(group);
  }
}

// Height and width. The kernel keeps 16 bits of each, and so does Docker.
void SetConsoleSize(const google::protobuf::RepeatedField<uint32_t>& size,
                    LaunchSpec& spec) {
  if (size.size() != 2 || (size[0] == 0 && size[1] == 0)) return;
  spec.flags |= kPlanConsoleSize;
  spec.rows = size[0] & UINT16_MAX;
  spec.columns = size[1] & UINT16_MAX;
}

absl::Status SetProcess(const LaunchInput& input, LaunchSpec& spec) {
  const Container& container = input.record.container();
  const Config& config = container.config();
  spec.argv.push_back(container.path());
  for (const std::string& word : container.args()) spec.argv.push_back(word);
  spec.environment = Environment(config, HostnameOf(input), config.tty());
  spec.cwd = config.working_dir().empty() ? "/" : config.working_dir();
  spec.user = config.user();
  const HostConfig& host = container.host_config();
  AddGroups(host, spec);
  ASSIGN_OR_RETURN(spec.rlimits, ContainerRlimits(host));
  if (host.oom_score_adj() != 0) {
    spec.flags |= kPlanOomScore;
    spec.oom_score_adj = host.oom_score_adj();
  }
  if (config.tty()) spec.flags |= kPlanTerminal;
  if (config.open_stdin()) spec.flags |= kPlanOpenStdin;
  if (config.stdin_once()) spec.flags |= kPlanStdinOnce;
  SetConsoleSize(host.console_size(), spec);
  return absl::OkStatus();
}

void SetNamespaces(const LaunchInput& input, LaunchSpec& spec) {
  const NamespaceChoices& n = input.namespaces;
  spec.new_namespaces = CLONE_NEWNS;
  if (n.pid.kind == Kind::kNew) spec.new_namespaces |= CLONE_NEWPID;
  if (n.ipc.kind == Kind::kNew) spec.new_namespaces |= CLONE_NEWIPC;
  if (n.uts.kind == Kind::kNew) spec.new_namespaces |= CLONE_NEWUTS;
  if (n.cgroup.kind == Kind::kNew) spec.new_namespaces |= CLONE_NEWCGROUP;
  if (n.network.kind == Kind::kNew) spec.new_namespaces |= CLONE_NEWNET;
  int fd = kFirstExtraFd;
  for (const uint32_t flag : input.joined_flags) {
    spec.joins.push_back({flag, fd++});
    spec.new_namespaces &= ~uint64_t{flag};
  }
  // Behind the namespaces that are joined.
  if (n.ipc.kind == Kind::kContainer) {
    spec.shm_namespace = static_cast<uint32_t>(fd);
  }
  // Offsets of the clocks, none so far: as other runtimes do, so that a restore
  // can set them.
  if (input.facts.time_namespaces) spec.new_namespaces |= CLONE_NEWTIME;
  if (n.uts.kind == Kind::kNew) {
    spec.hostname = HostnameOf(input);
    spec.domainname = input.record.container().config().domainname();
  }
}

void SetCgroups(const LaunchInput& input, LaunchSpec& spec) {
  spec.cgroup_tasks = input.cgroup.tasks;
  spec.cgroup2_directory = input.cgroup.directory;
  if (spec.kind == PlanKind::kExec) return;
  for (const auto& [name, directory] : input.cgroup.hierarchies) {
    spec.cgroup_mounts.push_back({name, directory});
  }
  spec.oom_events = input.cgroup.oom_events;
}

void SetRoot(const LaunchInput& input, LaunchSpec& spec) {
  const runtime::v1::RootFileSystem& root =
      input.record.container().root_file_system();
  spec.root_directory = root.directory();
  spec.lower.assign(root.lower().begin(), root.lower().end());
  spec.upper = root.upper();
  spec.work = root.work();
  if (input.record.container().host_config().readonly_rootfs()) {
    spec.flags |= kPlanReadOnlyRoot;
  }
}

absl::Status SetMounts(const LaunchInput& input, LaunchSpec& spec) {
  const Container& container = input.record.container();
  const runtime::v1::StartContainerRequest& start = input.record.start();
  MountInput mounts = {container, input.namespaces, {}, {}, {}, {}};
  mounts.hostname_path = container.hostname_path();
  mounts.hosts_path = start.hosts_path();
  mounts.resolv_conf_path = start.resolv_conf_path();
  mounts.volume_paths = {start.volume_paths().begin(),
                         start.volume_paths().end()};
  ASSIGN_OR_RETURN(ContainerMounts result, MountsOf(mounts));
  spec.mounts = std::move(result.mounts);
  spec.root_propagation = result.root_propagation;
  if (result.own_dev) spec.flags |= kPlanSetUpDev;
  const HostConfig& host = container.host_config();
  if (!host.privileged()) {
    spec.masked_paths = {host.masked_paths().values().begin(),
                         host.masked_paths().values().end()};
    spec.readonly_paths = {host.readonly_paths().values().begin(),
                           host.readonly_paths().values().end()};
  }
  return absl::OkStatus();
}

absl::Status SetKernelSettings(const LaunchInput& input, LaunchSpec& spec) {
  ASSIGN_OR_RETURN(const auto sysctls,
                   ContainerSysctls(input.record.container().host_config()));
  for (const auto& [key, value] : input.record.start().network_sysctls()) {
    spec.sysctls.push_back({key, value});
  }
  for (const auto& [key, value] : sysctls) spec.sysctls.push_back({key, value});
  return absl::OkStatus();
}

// A later node at the same path replaces an earlier one.
std::vector<DeviceSpec> LastOfEachPath(std::vector<DeviceSpec> nodes) {
  std::set<std::string> seen;
  std::vector<DeviceSpec> kept;
  for (auto at = nodes.rbegin(); at != nodes.rend(); ++at) {
    if (seen.insert(at->path).second) kept.push_back(std::move(*at));
  }
  return kept;
}

absl::Status SetLog(const LaunchInput& input, LaunchSpec& spec) {
  const Container& container = input.record.container();
  ASSIGN_OR_RETURN(const LogOptions options,
                   ParseLogOptions(container.host_config().log_config()));
  if (!options.keep) return absl::OkStatus();
  spec.log_type = PlanLogType::kJsonFile;
  spec.log_path = container.log_path();
  spec.log_max_size = options.max_size;
  spec.log_attributes = LogAttributes(container);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<LaunchSpec> ContainerLaunchSpec(const LaunchInput& input) {
  const HostConfig& host = input.record.container().host_config();
  LaunchSpec spec;
  RETURN_IF_ERROR(SetProcess(input, spec));
  RETURN_IF_ERROR(SetSecurity(input, host.privileged(), spec));
  SetNamespaces(input, spec);
  SetCgroups(input, spec);
  SetRoot(input, spec);
  RETURN_IF_ERROR(SetMounts(input, spec));
  ASSIGN_OR_RETURN(ContainerDevices devices, DevicesOf(host));
  std::vector<DeviceSpec> nodes;
  if ((spec.flags & kPlanSetUpDev) != 0) nodes = DefaultNodes();
  nodes.insert(nodes.end(), std::make_move_iterator(devices.nodes.begin()),
               std::make_move_iterator(devices.nodes.end()));
  spec.devices = LastOfEachPath(std::move(nodes));
  RETURN_IF_ERROR(SetKernelSettings(input, spec));
  RETURN_IF_ERROR(SetLog(input, spec));
  spec.container_id = input.record.container().id();
  spec.socket_path = input.socket_path;
  spec.exit_record_path = input.exit_record_path;
  if (host.init()) RunUnderInit(input.facts.init_path, &spec);
  return spec;
}

absl::StatusOr<LaunchSpec> ExecLaunchSpec(const LaunchInput& input,
                                          const runtime::v1::ExecConfig& exec) {
  const Container& container = input.record.container();
  const HostConfig& host = container.host_config();
  LaunchSpec spec;
  spec.kind = PlanKind::kExec;
  spec.argv = {exec.cmd().begin(), exec.cmd().end()};
  spec.environment = OverrideEnvironment(
      Environment(container.config(), HostnameOf(input), exec.tty()),
      {exec.env().begin(), exec.env().end()});
  const std::string& own = container.config().working_dir();
  spec.cwd = !exec.working_dir().empty() ? exec.working_dir()
             : own.empty()               ? "/"
                                         : own;
  spec.user = exec.user().empty() ? container.config().user() : exec.user();
  AddGroups(host, spec);
  ASSIGN_OR_RETURN(spec.rlimits, ContainerRlimits(host));
  if (host.oom_score_adj() != 0) {
    spec.flags |= kPlanOomScore;
    spec.oom_score_adj = host.oom_score_adj();
  }
  RETURN_IF_ERROR(
      SetSecurity(input, host.privileged() || exec.privileged(), spec));
  spec.flags &= ~kPlanWritableCgroups;
  SetCgroups(input, spec);
  if (exec.tty()) spec.flags |= kPlanTerminal;
  if (exec.attach_stdin()) spec.flags |= kPlanOpenStdin | kPlanStdinOnce;
  SetConsoleSize(exec.console_size(), spec);
  return spec;
}

}  // namespace tug::runtimed
