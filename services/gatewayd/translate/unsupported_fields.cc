// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/translate/unsupported_fields.h"

#include "absl/strings/str_cat.h"

namespace tug::gatewayd {
namespace {

using runtime::v1::HostConfig;

struct UnsupportedField {
  const char* name;
  bool (*asked)(const HostConfig&);
};

// Removing a line is what supporting the field ends with.
constexpr UnsupportedField kUnsupported[] = {
    {"HostConfig.Cgroup",
     [](const HostConfig& h) { return !h.cgroup().empty(); }},
    {"HostConfig.CpuCount",
     [](const HostConfig& h) { return h.cpu_count() != 0; }},
    {"HostConfig.CpuPercent",
     [](const HostConfig& h) { return h.cpu_percent() != 0; }},
    {"HostConfig.IOMaximumIOps",
     [](const HostConfig& h) { return h.io_maximum_iops() != 0; }},
    {"HostConfig.IOMaximumBandwidth",
     [](const HostConfig& h) { return h.io_maximum_bandwidth() != 0; }},
};

std::string Warning(absl::string_view field) {
  return absl::StrCat(field,
                      " is stored and shown, but this version of Tug does not "
                      "act on it.");
}

}  // namespace

void AddUnsupportedWarnings(const HostConfig& host,
                            std::vector<std::string>& warnings) {
  for (const UnsupportedField& field : kUnsupported) {
    if (field.asked(host)) warnings.push_back(Warning(field.name));
  }
}

}  // namespace tug::gatewayd
