// SPDX-License-Identifier: Apache-2.0
#include "cli/options/network_spec.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/options/mount_spec.h"
#include "lib/base/status_macros.h"

namespace tug::cli {
namespace {

namespace json = boost::json;

json::object& Section(json::object& object, const char* name) {
  json::value& section = object[name];
  if (section.is_null()) section = json::object();
  return section.get_object();
}

void Append(json::object& object, const char* name, const std::string& value) {
  json::value& list = object[name];
  if (list.is_null()) list = json::array();
  list.get_array().emplace_back(value);
}

absl::Status ApplyField(const SpecField& field, json::object& endpoint) {
  if (field.key == "alias") {
    Append(endpoint, "Aliases", field.value);
  } else if (field.key == "ip") {
    Section(endpoint, "IPAMConfig")["IPv4Address"] = field.value;
  } else if (field.key == "ip6") {
    Section(endpoint, "IPAMConfig")["IPv6Address"] = field.value;
  } else if (field.key == "link-local-ip") {
    Append(Section(endpoint, "IPAMConfig"), "LinkLocalIPs", field.value);
  } else if (field.key == "mac-address") {
    endpoint["MacAddress"] = field.value;
  } else if (field.key == "gw-priority") {
    int64_t priority = 0;
    if (!absl::SimpleAtoi(field.value, &priority)) {
      return absl::InvalidArgumentError(
          absl::StrCat("invalid gw-priority: ", field.value));
    }
    endpoint["GwPriority"] = priority;
  } else if (field.key == "driver-opt") {
    const std::pair<std::string, std::string> sides =
        absl::StrSplit(field.value, absl::MaxSplits('=', 1));
    Section(endpoint, "DriverOpts")[sides.first] = sides.second;
  } else {
    return absl::InvalidArgumentError(
        absl::StrCat("invalid key ", field.key, " in --network"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ParseOne(const std::string& spec,
                                     json::object& endpoint) {
  if (!absl::StrContains(spec, '=')) return spec;
  ASSIGN_OR_RETURN(const std::vector<SpecField> fields, SplitSpec(spec));
  std::string name;
  for (const SpecField& field : fields) {
    if (field.key == "name") {
      name = field.value;
    } else {
      RETURN_IF_ERROR(ApplyField(field, endpoint));
    }
  }
  if (name.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("invalid --network ", spec, ": name is missing"));
  }
  return name;
}

// The flags that stand beside --network speak of the first one.
void ApplyFlags(const ContainerOptions& options, bool user_network,
                json::object& endpoint) {
  for (const std::string& alias : options.network_aliases) {
    Append(endpoint, "Aliases", alias);
  }
  if (user_network) {
    for (const std::string& link : options.links) {
      Append(endpoint, "Links", link);
    }
  }
  if (!options.ip.empty()) {
    Section(endpoint, "IPAMConfig")["IPv4Address"] = options.ip;
  }
  if (!options.ip6.empty()) {
    Section(endpoint, "IPAMConfig")["IPv6Address"] = options.ip6;
  }
  for (const std::string& address : options.link_local_ips) {
    Append(Section(endpoint, "IPAMConfig"), "LinkLocalIPs", address);
  }
  if (!options.mac_address.empty()) {
    endpoint["MacAddress"] = options.mac_address;
  }
}

}  // namespace

bool IsUserNetwork(absl::string_view mode) {
  return !mode.empty() && mode != "default" && mode != "bridge" &&
         mode != "host" && mode != "none" &&
         !absl::StartsWith(mode, "container:");
}

absl::StatusOr<NetworkRequest> ParseNetworks(const ContainerOptions& options) {
  NetworkRequest request;
  std::vector<std::string> specs = options.networks;
  if (specs.empty()) specs.emplace_back("default");
  for (size_t i = 0; i < specs.size(); ++i) {
    json::object endpoint;
    ASSIGN_OR_RETURN(const std::string name, ParseOne(specs[i], endpoint));
    if (specs.size() > 1 && (name == "host" || name == "none" ||
                             absl::StartsWith(name, "container:"))) {
      return absl::InvalidArgumentError(
          "conflicting options: cannot attach both user-defined and "
          "non-user-defined network-modes");
    }
    if (i == 0) {
      ApplyFlags(options, IsUserNetwork(name), endpoint);
      request.mode = name;
    }
    if (request.endpoints.contains(name)) {
      return absl::InvalidArgumentError(
          absl::StrCat("network \"", name, "\" is specified multiple times"));
    }
    if (!endpoint.empty() || IsUserNetwork(name)) {
      request.endpoints[name] = std::move(endpoint);
    }
  }
  return request;
}

}  // namespace tug::cli
