// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/translate/unsupported_fields.h"

#include "absl/strings/str_cat.h"

namespace tug::gatewayd {
namespace {

using runtime::v1::Config;
using runtime::v1::HostConfig;

struct UnsupportedField {
  const char* name;
  bool (*asked)(const Config&, const HostConfig&);
};

bool HasMountOfType(const HostConfig& host, const char* type) {
  for (const auto& mount : host.mounts().values()) {
    if (mount.type() == type) return true;
  }
  return false;
}

// Removing a line is what supporting the field ends with.
constexpr UnsupportedField kUnsupported[] = {
    {"Config.Healthcheck",
     [](const Config& c, const HostConfig&) {
       const auto& test = c.healthcheck().test().values();
       return !test.empty() && test[0] != "NONE";
     }},
    {"Config.NetworkDisabled",
     [](const Config& c, const HostConfig&) { return c.network_disabled(); }},
    {"HostConfig.VolumeDriver",
     [](const Config&, const HostConfig& h) {
       return !h.volume_driver().empty() && h.volume_driver() != "local";
     }},
    {"HostConfig.Mounts of type image",
     [](const Config&, const HostConfig& h) {
       return HasMountOfType(h, "image");
     }},
    {"HostConfig.Mounts of type cluster",
     [](const Config&, const HostConfig& h) {
       return HasMountOfType(h, "cluster");
     }},
    {"HostConfig.Mounts of type npipe",
     [](const Config&, const HostConfig& h) {
       return HasMountOfType(h, "npipe");
     }},
    {"HostConfig.Cgroup",
     [](const Config&, const HostConfig& h) { return !h.cgroup().empty(); }},
    {"HostConfig.StorageOpt",
     [](const Config&, const HostConfig& h) {
       return !h.storage_opt().values().empty();
     }},
    {"HostConfig.UsernsMode",
     [](const Config&, const HostConfig& h) {
       return !h.userns_mode().empty() && h.userns_mode() != "host";
     }},
    {"HostConfig.DeviceRequests",
     [](const Config&, const HostConfig& h) {
       return !h.device_requests().values().empty();
     }},
    {"HostConfig.CpuCount",
     [](const Config&, const HostConfig& h) { return h.cpu_count() != 0; }},
    {"HostConfig.CpuPercent",
     [](const Config&, const HostConfig& h) { return h.cpu_percent() != 0; }},
    {"HostConfig.IOMaximumIOps",
     [](const Config&, const HostConfig& h) {
       return h.io_maximum_iops() != 0;
     }},
    {"HostConfig.IOMaximumBandwidth",
     [](const Config&, const HostConfig& h) {
       return h.io_maximum_bandwidth() != 0;
     }},
};

std::string Warning(absl::string_view field) {
  return absl::StrCat(field,
                      " is stored and shown, but this version of Tug does not "
                      "act on it.");
}

}  // namespace

void AddUnsupportedWarnings(const Config& config, const HostConfig& host,
                            const std::vector<network::v1::Endpoint>& endpoints,
                            std::vector<std::string>& warnings) {
  for (const UnsupportedField& field : kUnsupported) {
    if (field.asked(config, host)) warnings.push_back(Warning(field.name));
  }
  for (const network::v1::Endpoint& endpoint : endpoints) {
    if (!endpoint.link_local_ips().values().empty()) {
      warnings.push_back(
          Warning("NetworkingConfig.EndpointsConfig.IPAMConfig.LinkLocalIPs"));
      break;
    }
  }
}

}  // namespace tug::gatewayd
