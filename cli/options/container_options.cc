// SPDX-License-Identifier: Apache-2.0
#include "cli/options/container_options.h"

namespace tug::cli {
namespace {

void AddProcessFlags(ContainerOptions& o, FlagSet& f) {
  f.List('e', "env", &o.env, "Set environment variables");
  f.List(0, "env-file", &o.env_files, "Read environment variables of a file");
  f.List('l', "label", &o.labels, "Set meta data on a container");
  f.List(0, "label-file", &o.label_files, "Read labels of a file");
  f.List(0, "annotation", &o.annotations, "Add an OCI annotation");
  f.List(0, "group-add", &o.group_add, "Add additional groups to join");
  f.String('u', "user", &o.user, "User: <name|uid>[:<group|gid>]");
  f.String('w', "workdir", &o.workdir, "Working directory in the container");
  f.Optional(0, "entrypoint", &o.entrypoint,
             "Overwrite the ENTRYPOINT of the image");
  f.String(0, "stop-signal", &o.stop_signal, "Signal to stop the container");
  f.Int(0, "stop-timeout", &o.stop_timeout, "Seconds to wait at a stop");
  f.Bool('t', "tty", &o.tty, "Allocate a pseudo-TTY");
  f.Bool('i', "interactive", &o.interactive,
         "Keep STDIN open even if not attached");
  f.List('a', "attach", &o.attach, "Attach to STDIN, STDOUT or STDERR");
  f.Bool(0, "init", &o.init, "Run an init that forwards signals and reaps");
  f.Bool(0, "privileged", &o.privileged, "Give extended privileges");
  f.List(0, "cap-add", &o.cap_add, "Add Linux capabilities");
  f.List(0, "cap-drop", &o.cap_drop, "Drop Linux capabilities");
  f.List(0, "security-opt", &o.security_opt, "Security options");
  f.List(0, "sysctl", &o.sysctls, "Sysctl options");
  f.List(0, "ulimit", &o.ulimits, "Ulimits: name=soft[:hard]");
}

void AddNameFlags(ContainerOptions& o, FlagSet& f) {
  f.String(0, "name", &o.name, "Assign a name to the container");
  f.String('h', "hostname", &o.hostname, "Container host name");
  f.String(0, "domainname", &o.domainname, "Container NIS domain name");
  f.String(0, "cidfile", &o.cid_file, "Write the container ID to the file");
  f.String(0, "platform", &o.platform, "Platform: os/arch[/variant]");
  f.String(0, "pull", &o.pull, "Pull the image: always, missing or never");
  f.Bool('q', "quiet", &o.quiet, "Suppress the pull output");
  f.String(0, "runtime", &o.runtime, "Runtime to use for this container");
}

void AddFileFlags(ContainerOptions& o, FlagSet& f) {
  f.List('v', "volume", &o.volumes, "Bind mount a volume");
  f.List(0, "mount", &o.mounts, "Attach a filesystem mount");
  f.List(0, "tmpfs", &o.tmpfs, "Mount a tmpfs directory");
  f.List(0, "volumes-from", &o.volumes_from,
         "Mount volumes of the specified container");
  f.String(0, "volume-driver", &o.volume_driver,
           "Volume driver for the container");
  f.List(0, "device", &o.devices, "Add a host device to the container");
  f.List(0, "device-cgroup-rule", &o.device_cgroup_rules,
         "Add a rule to the cgroup's allowed devices");
  f.List(0, "storage-opt", &o.storage_opt, "Storage driver options");
  f.Bool(0, "read-only", &o.read_only, "Mount the root file system read-only");
  f.String(0, "shm-size", &o.shm_size, "Size of /dev/shm");
}

void AddNetworkFlags(ContainerOptions& o, FlagSet& f) {
  f.List('p', "publish", &o.publish, "Publish a container's port to the host");
  f.Bool('P', "publish-all", &o.publish_all,
         "Publish all exposed ports to random ports");
  f.List(0, "expose", &o.expose, "Expose a port or a range of ports");
  f.List(0, "network", &o.networks, "Connect a container to a network");
  f.Alias("net", "network");
  f.List(0, "network-alias", &o.network_aliases,
         "Add a network-scoped alias for the container");
  f.Alias("net-alias", "network-alias");
  f.List(0, "dns", &o.dns, "Set custom DNS servers");
  f.List(0, "dns-search", &o.dns_search, "Set custom DNS search domains");
  f.List(0, "dns-option", &o.dns_options, "Set DNS options");
  f.Alias("dns-opt", "dns-option");
  f.List(0, "add-host", &o.add_host, "Add a host-to-IP mapping (host:ip)");
  f.List(0, "link", &o.links, "Add a link to another container");
  f.List(0, "link-local-ip", &o.link_local_ips, "Link-local addresses");
  f.String(0, "ip", &o.ip, "IPv4 address");
  f.String(0, "ip6", &o.ip6, "IPv6 address");
  f.String(0, "mac-address", &o.mac_address, "Container MAC address");
}

void AddNamespaceFlags(ContainerOptions& o, FlagSet& f) {
  f.String(0, "ipc", &o.ipc, "IPC mode to use");
  f.String(0, "pid", &o.pid, "PID namespace to use");
  f.String(0, "uts", &o.uts, "UTS namespace to use");
  f.String(0, "userns", &o.userns, "User namespace to use");
  f.String(0, "cgroupns", &o.cgroupns, "Cgroup namespace: host or private");
  f.String(0, "cgroup-parent", &o.cgroup_parent, "Parent cgroup");
}

void AddLimitFlags(ContainerOptions& o, FlagSet& f) {
  f.String('m', "memory", &o.memory, "Memory limit");
  f.String(0, "memory-swap", &o.memory_swap,
           "Memory plus swap: '-1' for unlimited swap");
  f.String(0, "memory-reservation", &o.memory_reservation, "Memory soft limit");
  f.Int(0, "memory-swappiness", &o.memory_swappiness,
        "Memory swappiness (0 to 100)");
  f.Bool(0, "oom-kill-disable", &o.oom_kill_disable, "Disable the OOM killer");
  f.Int(0, "oom-score-adj", &o.oom_score_adj, "OOM preference (-1000 to 1000)");
  f.String(0, "cpus", &o.cpus, "Number of CPUs");
  f.Int('c', "cpu-shares", &o.cpu_shares, "CPU shares (relative weight)");
  f.Int(0, "cpu-period", &o.cpu_period, "CFS period");
  f.Int(0, "cpu-quota", &o.cpu_quota, "CFS quota");
  f.Int(0, "cpu-rt-period", &o.cpu_rt_period, "Real-time period");
  f.Int(0, "cpu-rt-runtime", &o.cpu_rt_runtime, "Real-time runtime");
  f.String(0, "cpuset-cpus", &o.cpuset_cpus, "CPUs to run on (0-3, 0,1)");
  f.String(0, "cpuset-mems", &o.cpuset_mems, "Memory nodes (0-3, 0,1)");
  f.Int(0, "pids-limit", &o.pids_limit, "Pids limit (-1 for unlimited)");
  f.Int(0, "blkio-weight", &o.blkio_weight, "Block IO weight (10 to 1000)");
}

void AddLifeFlags(ContainerOptions& o, FlagSet& f) {
  f.String(0, "restart", &o.restart, "Restart policy");
  f.Bool(0, "rm", &o.remove, "Remove the container when it exits");
  f.String(0, "log-driver", &o.log_driver, "Logging driver");
  f.List(0, "log-opt", &o.log_opt, "Log driver options");
  f.String(0, "health-cmd", &o.health_cmd, "Command to check health");
  f.String(0, "health-interval", &o.health_interval, "Time between checks");
  f.String(0, "health-timeout", &o.health_timeout, "Longest time of a check");
  f.String(0, "health-start-period", &o.health_start_period,
           "Time before failures count");
  f.String(0, "health-start-interval", &o.health_start_interval,
           "Time between checks during the start period");
  f.Int(0, "health-retries", &o.health_retries,
        "Failures in a row that mean unhealthy");
  f.Bool(0, "no-healthcheck", &o.no_healthcheck,
         "Disable the image's health check");
}

}  // namespace

void AddContainerFlags(ContainerOptions& options, FlagSet& flags) {
  AddProcessFlags(options, flags);
  AddNameFlags(options, flags);
  AddFileFlags(options, flags);
  AddNetworkFlags(options, flags);
  AddNamespaceFlags(options, flags);
  AddLimitFlags(options, flags);
  AddLifeFlags(options, flags);
}

}  // namespace tug::cli
