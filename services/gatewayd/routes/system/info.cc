// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "boost/json/array.hpp"
#include "boost/json/object.hpp"
#include "lib/base/status_macros.h"
#include "lib/program/version.h"
#include "services/gatewayd/routes/images/image_routes.h"
#include "services/gatewayd/routes/system/container_list.h"
#include "services/gatewayd/routes/system/handlers.h"
#include "services/gatewayd/routes/system/network_warnings.h"
#include "services/gatewayd/translate/times.h"

namespace tug::gatewayd {
namespace {

namespace json = boost::json;

void AddCounts(const std::vector<runtime::v1::Container>& containers,
               json::object& info) {
  int running = 0;
  int paused = 0;
  for (const runtime::v1::Container& container : containers) {
    if (container.state() == runtime::v1::CONTAINER_STATE_RUNNING) ++running;
    if (container.state() == runtime::v1::CONTAINER_STATE_PAUSED) ++paused;
  }
  info["Containers"] = containers.size();
  info["ContainersRunning"] = running;
  info["ContainersPaused"] = paused;
  info["ContainersStopped"] = containers.size() - running - paused;
}

// What netd says of the host at this moment; the rest of the answer does not
// depend on it.
void AddNetworking(NetworkClient& networks, HostFacts facts,
                   json::object& info) {
  const auto networking = networks.GetHostNetworking();
  if (!networking.ok()) return;
  facts.ipv4_forwarding = networking->ipv4_forwarding();
  info["IPv4Forwarding"] = facts.ipv4_forwarding;
  std::vector<std::string> warnings = HostWarnings(facts);
  for (std::string& warning : NetworkWarnings(*networking)) {
    warnings.push_back(std::move(warning));
  }
  info["Warnings"] = nullptr;
  if (!warnings.empty()) {
    info["Warnings"] = json::array(warnings.begin(), warnings.end());
  }
}

void AddHost(const HostFacts& facts, json::object& info) {
  info["KernelVersion"] = facts.kernel_version;
  info["OperatingSystem"] = facts.operating_system;
  info["OSVersion"] = facts.os_version;
  info["OSType"] = "linux";
  info["Architecture"] = facts.machine;
  info["NCPU"] = facts.cpu_count;
  info["MemTotal"] = facts.memory_total;
  info["Name"] = facts.host_name;
  info["MemoryLimit"] = facts.memory_limit;
  info["SwapLimit"] = facts.swap_limit;
  info["CpuCfsPeriod"] = facts.cpu_quota;
  info["CpuCfsQuota"] = facts.cpu_quota;
  info["CPUShares"] = facts.cpu_shares;
  info["CPUSet"] = facts.cpuset;
  info["PidsLimit"] = facts.pids_limit;
  info["OomKillDisable"] = facts.oom_kill_disable;
  info["IPv4Forwarding"] = facts.ipv4_forwarding;
  info["CgroupDriver"] = "cgroupfs";
  info["CgroupVersion"] = std::to_string(facts.cgroup_version);
  json::array security;
  if (facts.seccomp) security.emplace_back("name=seccomp,profile=builtin");
  if (facts.cgroup_version == 2) security.emplace_back("name=cgroupns");
  info["SecurityOptions"] = std::move(security);
  info["Warnings"] = nullptr;
  const std::vector<std::string> warnings = HostWarnings(facts);
  if (!warnings.empty()) {
    info["Warnings"] = json::array(warnings.begin(), warnings.end());
  }
}

// What the engine is made of; the same on every host.
void AddEngine(const SystemParts& parts, ApiVersion version,
               json::object& info) {
  info["ID"] = parts.engine_id;
  info["ServerVersion"] = kVersion;
  // Clients look for a volume at <root>/volumes/<name>/_data.
  info["DockerRootDir"] = absl::StrCat(parts.state_directory, "/volumed");
  // Clients read from this that images are kept as an OCI content store.
  info["Driver"] = "overlayfs";
  info["DriverStatus"] =
      json::array{json::array{"driver-type", "io.containerd.snapshotter.v1"}};
  info["Plugins"] =
      json::object{{"Volume", json::array{"local"}},
                   {"Network", json::array{"bridge", "host", "null"}},
                   {"Authorization", nullptr},
                   {"Log", json::array{"json-file", "local", "none"}}};
  info["LoggingDriver"] = "json-file";
  // Clients know runc by name; the path says what runs.
  const json::object shim = {{"path", "tug-shim"}};
  info["Runtimes"] = json::object{
      {"io.containerd.runc.v2", shim}, {"runc", shim}, {"tug", shim}};
  info["DefaultRuntime"] = "runc";
  info["InitBinary"] = "tug-init";
  // Containers go on while any part of the engine is replaced.
  info["LiveRestoreEnabled"] = true;
  for (const char* commit : {"ContainerdCommit", "RuncCommit", "InitCommit"}) {
    info[commit] = json::object{{"ID", ""}};
  }
  if (version >= ApiVersion{1, 46}) {
    // There is none to connect to; clients read the object without asking.
    info["Containerd"] = json::object{
        {"Address", ""},
        {"Namespaces", json::object{{"Containers", ""}, {"Plugins", ""}}}};
  }
  if (version >= ApiVersion{1, 49}) {
    info["FirewallBackend"] = json::object{{"Driver", "nftables"}};
  }
  if (version < ApiVersion{1, 50}) {
    info["BridgeNfIptables"] = false;
    info["BridgeNfIp6tables"] = false;
  }
}

json::object RegistryConfig() {
  const json::object docker_io = {{"Name", "docker.io"},
                                  {"Mirrors", json::array()},
                                  {"Secure", true},
                                  {"Official", true}};
  return {{"InsecureRegistryCIDRs", json::array{"::1/128", "127.0.0.0/8"}},
          {"IndexConfigs", json::object{{"docker.io", docker_io}}},
          {"Mirrors", json::array()}};
}

// What clients read even where it says nothing.
void AddConstants(json::object& info) {
  info["Debug"] = false;
  info["NFd"] = -1;
  info["NGoroutines"] = 0;
  info["NEventsListener"] = 0;
  info["SystemTime"] = Rfc3339(absl::Now());
  info["IndexServerAddress"] = "https://index.docker.io/v1/";
  info["RegistryConfig"] = RegistryConfig();
  info["GenericResources"] = nullptr;
  for (const char* proxy : {"HttpProxy", "HttpsProxy", "NoProxy"}) {
    info[proxy] = "";
  }
  info["Labels"] = json::array();
  info["ExperimentalBuild"] = false;
  info["Isolation"] = "";
  info["CDISpecDirs"] = json::array();
  info["Swarm"] = json::object{{"NodeID", ""},
                               {"NodeAddr", ""},
                               {"LocalNodeState", "inactive"},
                               {"ControlAvailable", false},
                               {"Error", ""},
                               {"RemoteManagers", nullptr}};
}

}  // namespace

absl::Status Info(const SystemParts& parts, RequestContext& context) {
  json::object info;
  ASSIGN_OR_RETURN(const auto containers,
                   ListAllContainers(parts.peers.containers));
  ASSIGN_OR_RETURN(const auto images, ListAllImages(parts.peers.images));
  AddCounts(containers, info);
  info["Images"] = images.size();
  AddHost(parts.facts, info);
  AddNetworking(parts.peers.networks, parts.facts, info);
  AddEngine(parts, context.version(), info);
  AddConstants(info);
  return context.RespondJson(200, info);
}

}  // namespace tug::gatewayd
