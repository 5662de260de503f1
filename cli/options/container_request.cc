// SPDX-License-Identifier: Apache-2.0
#include "cli/options/container_request.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "cli/format/json_text.h"
#include "cli/options/byte_size.h"
#include "cli/options/environment.h"
#include "cli/options/mount_spec.h"
#include "cli/options/network_spec.h"
#include "cli/options/port_spec.h"
#include "cli/options/resource_spec.h"
#include "lib/base/status_macros.h"

namespace tug::cli {
namespace {

namespace json = boost::json;

absl::Status Invalid(const std::string& text) {
  return absl::InvalidArgumentError(text);
}

json::array ToArray(const std::vector<std::string>& words) {
  return json::array(words.begin(), words.end());
}

void PutList(json::object& object, const char* key,
             const std::vector<std::string>& words) {
  if (!words.empty()) object[key] = ToArray(words);
}

void PutText(json::object& object, const char* key, const std::string& text) {
  if (!text.empty()) object[key] = text;
}

void PutNumber(json::object& object, const char* key,
               const std::optional<int64_t>& number) {
  if (number.has_value()) object[key] = *number;
}

absl::Status PutBytes(json::object& object, const char* key,
                      const std::string& text) {
  if (text.empty()) return absl::OkStatus();
  if (text == "-1") {
    object[key] = -1;
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const int64_t bytes, ParseBytes(text));
  object[key] = bytes;
  return absl::OkStatus();
}

absl::Status PutDuration(json::object& object, const char* key,
                         const std::string& text) {
  if (text.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const absl::Duration duration, ParseDuration(text));
  object[key] = absl::ToInt64Nanoseconds(duration);
  return absl::OkStatus();
}

// Which streams a foreground container is attached to.
absl::Status PutAttach(const ContainerOptions& o, json::object& config) {
  bool in = false;
  bool out = false;
  bool err = false;
  for (const std::string& stream : o.attach) {
    const std::string name = absl::AsciiStrToLower(stream);
    if (name == "stdin") {
      in = true;
    } else if (name == "stdout") {
      out = true;
    } else if (name == "stderr") {
      err = true;
    } else {
      return Invalid(absl::StrCat("invalid argument \"", stream,
                                  "\" for \"-a, --attach\" flag: valid streams "
                                  "are STDIN, STDOUT and STDERR"));
    }
  }
  const bool all = o.attach.empty();
  config["AttachStdin"] = all ? o.interactive : in;
  config["AttachStdout"] = all || out;
  config["AttachStderr"] = all || err;
  return absl::OkStatus();
}

absl::Status PutHealth(const ContainerOptions& o, json::object& config) {
  json::object health;
  if (o.no_healthcheck) {
    if (!o.health_cmd.empty() || !o.health_interval.empty() ||
        !o.health_timeout.empty() || o.health_retries.has_value()) {
      return Invalid("--no-healthcheck conflicts with --health-* options");
    }
    health["Test"] = json::array({"NONE"});
  }
  if (!o.health_cmd.empty()) {
    health["Test"] = json::array({"CMD-SHELL", o.health_cmd});
  }
  RETURN_IF_ERROR(PutDuration(health, "Interval", o.health_interval));
  RETURN_IF_ERROR(PutDuration(health, "Timeout", o.health_timeout));
  RETURN_IF_ERROR(PutDuration(health, "StartPeriod", o.health_start_period));
  RETURN_IF_ERROR(
      PutDuration(health, "StartInterval", o.health_start_interval));
  PutNumber(health, "Retries", o.health_retries);
  if (!health.empty()) config["Healthcheck"] = std::move(health);
  return absl::OkStatus();
}

absl::Status PutProcess(const ContainerOptions& o,
                        const std::vector<std::string>& command,
                        json::object& config) {
  ASSIGN_OR_RETURN(const auto environment, ReadEnvironment(o.env_files, o.env));
  ASSIGN_OR_RETURN(json::object labels, ReadLabels(o.label_files, o.labels));
  config["Env"] = ToArray(environment);
  config["Labels"] = std::move(labels);
  config["Cmd"] =
      command.empty() ? json::value(nullptr) : json::value(ToArray(command));
  if (o.entrypoint.has_value()) {
    // An empty one clears the image's.
    config["Entrypoint"] = json::array({*o.entrypoint});
  }
  PutText(config, "Hostname", o.hostname);
  PutText(config, "Domainname", o.domainname);
  PutText(config, "User", o.user);
  PutText(config, "WorkingDir", o.workdir);
  PutText(config, "StopSignal", o.stop_signal);
  PutNumber(config, "StopTimeout", o.stop_timeout);
  config["Tty"] = o.tty;
  config["OpenStdin"] = o.interactive;
  RETURN_IF_ERROR(PutAttach(o, config));
  config["StdinOnce"] =
      config["OpenStdin"].as_bool() && config["AttachStdin"].as_bool();
  return PutHealth(o, config);
}

absl::Status PutPorts(const ContainerOptions& o, json::object& config,
                      json::object& host) {
  json::object exposed;
  json::object bindings;
  for (const std::string& spec : o.publish) {
    ASSIGN_OR_RETURN(const auto ports, ParsePublish(spec));
    for (const PublishedPort& port : ports) {
      exposed[port.container] = json::object();
      json::value& list = bindings[port.container];
      if (list.is_null()) list = json::array();
      list.get_array().emplace_back(
          json::object{{"HostIp", port.host_ip}, {"HostPort", port.host_port}});
    }
  }
  for (const std::string& spec : o.expose) {
    ASSIGN_OR_RETURN(const auto ports, ParseExpose(spec));
    for (const std::string& port : ports) exposed[port] = json::object();
  }
  if (!exposed.empty()) config["ExposedPorts"] = std::move(exposed);
  if (!bindings.empty()) host["PortBindings"] = std::move(bindings);
  if (o.publish_all) host["PublishAllPorts"] = true;
  return absl::OkStatus();
}

absl::Status PutFiles(const ContainerOptions& o, const CallerContext& caller,
                      json::object& config, json::object& host) {
  json::object anonymous;
  std::vector<std::string> binds;
  for (const std::string& spec : o.volumes) {
    ASSIGN_OR_RETURN(const VolumeSpec volume,
                     ParseVolume(spec, caller.directory));
    if (volume.bind.empty()) {
      anonymous[volume.anonymous] = json::object();
    } else {
      binds.push_back(volume.bind);
    }
  }
  if (!anonymous.empty()) config["Volumes"] = std::move(anonymous);
  PutList(host, "Binds", binds);
  json::array mounts;
  for (const std::string& spec : o.mounts) {
    ASSIGN_OR_RETURN(json::object mount, ParseMount(spec));
    mounts.emplace_back(std::move(mount));
  }
  if (!mounts.empty()) host["Mounts"] = std::move(mounts);
  json::object tmpfs;
  for (const std::string& spec : o.tmpfs) {
    const size_t colon = spec.find(':');
    tmpfs[spec.substr(0, colon)] =
        colon == std::string::npos ? "" : spec.substr(colon + 1);
  }
  if (!tmpfs.empty()) host["Tmpfs"] = std::move(tmpfs);
  json::array devices;
  for (const std::string& spec : o.devices) {
    ASSIGN_OR_RETURN(json::object device, ParseDevice(spec));
    devices.emplace_back(std::move(device));
  }
  if (!devices.empty()) host["Devices"] = std::move(devices);
  PutList(host, "VolumesFrom", o.volumes_from);
  PutList(host, "DeviceCgroupRules", o.device_cgroup_rules);
  PutText(host, "VolumeDriver", o.volume_driver);
  if (!o.storage_opt.empty()) host["StorageOpt"] = PairsToObject(o.storage_opt);
  if (o.read_only) host["ReadonlyRootfs"] = true;
  return PutBytes(host, "ShmSize", o.shm_size);
}

// A seccomp profile travels as its text; "systempaths" as empty lists.
absl::Status PutSecurity(const ContainerOptions& o, json::object& host) {
  json::array options;
  for (const std::string& word : o.security_opt) {
    if (word == "systempaths=unconfined") {
      host["MaskedPaths"] = json::array();
      host["ReadonlyPaths"] = json::array();
      continue;
    }
    absl::string_view profile = word;
    if (!absl::ConsumePrefix(&profile, "seccomp=") || profile == "unconfined" ||
        profile == "builtin") {
      options.emplace_back(word);
      continue;
    }
    const auto text = ReadTextFile(std::string(profile));
    if (!text.ok()) {
      return Invalid(absl::StrCat("opening seccomp profile (", profile,
                                  ") failed: ", text.status().message()));
    }
    json::error_code error;
    const json::value parsed = json::parse(*text, error);
    if (error) {
      return Invalid(absl::StrCat("compacting json for seccomp profile (",
                                  profile, ") failed"));
    }
    options.emplace_back(absl::StrCat("seccomp=", json::serialize(parsed)));
  }
  if (!options.empty()) host["SecurityOpt"] = std::move(options);
  PutList(host, "CapAdd", o.cap_add);
  PutList(host, "CapDrop", o.cap_drop);
  PutList(host, "GroupAdd", o.group_add);
  if (o.privileged) host["Privileged"] = true;
  if (o.init) host["Init"] = true;
  if (!o.sysctls.empty()) host["Sysctls"] = PairsToObject(o.sysctls);
  if (!o.annotations.empty()) {
    host["Annotations"] = PairsToObject(o.annotations);
  }
  PutText(host, "IpcMode", o.ipc);
  PutText(host, "PidMode", o.pid);
  PutText(host, "UTSMode", o.uts);
  PutText(host, "UsernsMode", o.userns);
  PutText(host, "CgroupnsMode", o.cgroupns);
  PutText(host, "CgroupParent", o.cgroup_parent);
  PutText(host, "Runtime", o.runtime);
  return absl::OkStatus();
}

absl::Status PutLimits(const ContainerOptions& o, json::object& host) {
  RETURN_IF_ERROR(PutBytes(host, "Memory", o.memory));
  RETURN_IF_ERROR(PutBytes(host, "MemorySwap", o.memory_swap));
  RETURN_IF_ERROR(PutBytes(host, "MemoryReservation", o.memory_reservation));
  PutNumber(host, "MemorySwappiness", o.memory_swappiness);
  if (o.oom_kill_disable) host["OomKillDisable"] = true;
  PutNumber(host, "OomScoreAdj", o.oom_score_adj);
  if (!o.cpus.empty()) {
    ASSIGN_OR_RETURN(const int64_t nanos, ParseCpus(o.cpus));
    host["NanoCpus"] = nanos;
  }
  PutNumber(host, "CpuShares", o.cpu_shares);
  PutNumber(host, "CpuPeriod", o.cpu_period);
  PutNumber(host, "CpuQuota", o.cpu_quota);
  PutNumber(host, "CpuRealtimePeriod", o.cpu_rt_period);
  PutNumber(host, "CpuRealtimeRuntime", o.cpu_rt_runtime);
  PutText(host, "CpusetCpus", o.cpuset_cpus);
  PutText(host, "CpusetMems", o.cpuset_mems);
  PutNumber(host, "PidsLimit", o.pids_limit);
  PutNumber(host, "BlkioWeight", o.blkio_weight);
  json::array ulimits;
  for (const std::string& spec : o.ulimits) {
    ASSIGN_OR_RETURN(json::object ulimit, ParseUlimit(spec));
    ulimits.emplace_back(std::move(ulimit));
  }
  if (!ulimits.empty()) host["Ulimits"] = std::move(ulimits);
  return absl::OkStatus();
}

absl::Status PutLife(const ContainerOptions& o, json::object& host) {
  if (!o.restart.empty()) {
    ASSIGN_OR_RETURN(json::object policy, ParseRestartPolicy(o.restart));
    if (o.remove && policy.at("Name") != "no") {
      return Invalid(
          "conflicting options: cannot specify both --restart and --rm");
    }
    host["RestartPolicy"] = std::move(policy);
  }
  if (o.remove) host["AutoRemove"] = true;
  if (!o.log_driver.empty() || !o.log_opt.empty()) {
    host["LogConfig"] = json::object{{"Type", o.log_driver},
                                     {"Config", PairsToObject(o.log_opt)}};
  }
  return absl::OkStatus();
}

// "host=ip" is accepted as "host:ip".
std::vector<std::string> HostEntries(std::vector<std::string> entries) {
  for (std::string& entry : entries) {
    const size_t at = entry.find_first_of("=:");
    if (at != std::string::npos && entry[at] == '=') entry[at] = ':';
  }
  return entries;
}

void PutNames(const ContainerOptions& o, const NetworkRequest& networks,
              json::object& host) {
  PutText(host, "NetworkMode", networks.mode);
  PutList(host, "Dns", o.dns);
  PutList(host, "DnsSearch", o.dns_search);
  PutList(host, "DnsOptions", o.dns_options);
  PutList(host, "ExtraHosts", HostEntries(o.add_host));
  if (!IsUserNetwork(networks.mode)) PutList(host, "Links", o.links);
}

}  // namespace

absl::StatusOr<json::object> BuildContainerRequest(
    const ContainerOptions& options, const std::string& image,
    const std::vector<std::string>& command, const CallerContext& caller) {
  json::object config;
  json::object host;
  ASSIGN_OR_RETURN(NetworkRequest networks, ParseNetworks(options));
  config["Image"] = image;
  RETURN_IF_ERROR(PutProcess(options, command, config));
  RETURN_IF_ERROR(PutPorts(options, config, host));
  RETURN_IF_ERROR(PutFiles(options, caller, config, host));
  RETURN_IF_ERROR(PutSecurity(options, host));
  RETURN_IF_ERROR(PutLimits(options, host));
  RETURN_IF_ERROR(PutLife(options, host));
  PutNames(options, networks, host);
  if (options.tty && caller.terminal_height > 0) {
    host["ConsoleSize"] =
        json::array({caller.terminal_height, caller.terminal_width});
  }
  config["HostConfig"] = std::move(host);
  if (!networks.endpoints.empty()) {
    config["NetworkingConfig"] =
        json::object{{"EndpointsConfig", std::move(networks.endpoints)}};
  }
  return config;
}

}  // namespace tug::cli
