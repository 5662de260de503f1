// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/translate/endpoint_json.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "boost/json/array.hpp"
#include "lib/base/status_macros.h"
#include "services/gatewayd/translate/json_read.h"
#include "services/gatewayd/translate/json_values.h"
#include "services/gatewayd/translate/network_text.h"

namespace tug::gatewayd {
namespace {

namespace json = boost::json;
using network::v1::Endpoint;

absl::Status DecodeIpam(const json::value& value, const JsonPlace& place,
                        Endpoint& endpoint) {
  if (!value.is_object()) {
    return JsonTypeError(value, place, "network.EndpointIPAMConfig");
  }
  endpoint.set_has_ipam_config(true);
  JsonReader reader(value.get_object(),
                    {"EndpointIPAMConfig", absl::StrCat(place.path, ".")});
  ASSIGN_OR_RETURN(*endpoint.mutable_requested_ipv4(),
                   reader.Address("IPv4Address"));
  ASSIGN_OR_RETURN(*endpoint.mutable_requested_ipv6(),
                   reader.Address("IPv6Address"));
  ASSIGN_OR_RETURN(const auto addresses, reader.Strings("LinkLocalIPs"));
  if (addresses.has_value()) {
    endpoint.mutable_link_local_ips();
    for (const std::string& text : *addresses) {
      const absl::StatusOr<std::string> address = NormalizeAddress(text);
      if (!address.ok()) {
        return absl::InvalidArgumentError(
            absl::StrCat("invalid JSON: ", address.status().message()));
      }
      endpoint.mutable_link_local_ips()->add_values(*address);
    }
  }
  return absl::OkStatus();
}

absl::Status DecodeLists(JsonReader& reader, Endpoint& endpoint) {
  ASSIGN_OR_RETURN(const auto links, reader.Strings("Links"));
  if (links.has_value()) {
    endpoint.mutable_links()->mutable_values()->Assign(links->begin(),
                                                       links->end());
  }
  ASSIGN_OR_RETURN(const auto aliases, reader.Strings("Aliases"));
  if (aliases.has_value()) {
    endpoint.mutable_aliases()->mutable_values()->Assign(aliases->begin(),
                                                         aliases->end());
  }
  ASSIGN_OR_RETURN(const auto options, reader.StringMap("DriverOpts"));
  if (options.has_value()) {
    auto& values = *endpoint.mutable_driver_options()->mutable_values();
    for (const auto& [key, value] : *options) values[key] = value;
  }
  return absl::OkStatus();
}

// What a client may send back after an inspect; the engine decides it anew.
absl::Status CheckOperationalFields(JsonReader& reader) {
  RETURN_IF_ERROR(reader.String("NetworkID").status());
  RETURN_IF_ERROR(reader.String("EndpointID").status());
  RETURN_IF_ERROR(reader.Address("Gateway").status());
  RETURN_IF_ERROR(reader.Address("IPAddress").status());
  RETURN_IF_ERROR(reader.Address("IPv6Gateway").status());
  RETURN_IF_ERROR(reader.Address("GlobalIPv6Address").status());
  RETURN_IF_ERROR(reader.Int("IPPrefixLen").status());
  RETURN_IF_ERROR(reader.Int("GlobalIPv6PrefixLen").status());
  return reader.Strings("DNSNames").status();
}

json::value EncodeIpam(const Endpoint& endpoint) {
  if (!endpoint.has_ipam_config()) return nullptr;
  json::object object;
  if (!endpoint.requested_ipv4().empty()) {
    object["IPv4Address"] = endpoint.requested_ipv4();
  }
  if (!endpoint.requested_ipv6().empty()) {
    object["IPv6Address"] = endpoint.requested_ipv6();
  }
  if (!endpoint.link_local_ips().values().empty()) {
    object["LinkLocalIPs"] = EncodeStrings(endpoint.link_local_ips().values());
  }
  return object;
}

json::value EncodeDriverOptions(const Endpoint& endpoint) {
  if (!endpoint.has_driver_options()) return nullptr;
  const auto& values = endpoint.driver_options().values();
  json::object object;
  for (const auto& [key, value] :
       std::map<std::string, std::string>(values.begin(), values.end())) {
    object[key] = value;
  }
  return object;
}

void EncodeAddresses(const Endpoint& endpoint, json::object& object) {
  object["GwPriority"] = endpoint.gateway_priority();
  object["NetworkID"] = endpoint.network_id();
  object["EndpointID"] = endpoint.endpoint_id();
  object["Gateway"] = endpoint.gateway();
  object["IPAddress"] = endpoint.ip_address();
  object["MacAddress"] = endpoint.mac_address().empty()
                             ? endpoint.requested_mac()
                             : endpoint.mac_address();
  object["IPPrefixLen"] = endpoint.ip_prefix_length();
  object["IPv6Gateway"] = endpoint.ipv6_gateway();
  object["GlobalIPv6Address"] = endpoint.global_ipv6_address();
  object["GlobalIPv6PrefixLen"] = endpoint.global_ipv6_prefix_length();
}

}  // namespace

absl::StatusOr<Endpoint> DecodeEndpoint(const json::object& settings,
                                        const std::string& path) {
  Endpoint endpoint;
  JsonReader reader(settings, {"EndpointSettings", path});
  if (const json::value* ipam = reader.Find("IPAMConfig")) {
    RETURN_IF_ERROR(DecodeIpam(
        *ipam, {"EndpointSettings", absl::StrCat(path, "IPAMConfig")},
        endpoint));
  }
  RETURN_IF_ERROR(DecodeLists(reader, endpoint));
  ASSIGN_OR_RETURN(const std::string mac, reader.String("MacAddress"));
  const absl::StatusOr<std::string> normal = NormalizeMac(mac);
  if (!normal.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("invalid JSON: ", normal.status().message()));
  }
  endpoint.set_requested_mac(*normal);
  ASSIGN_OR_RETURN(const int64_t priority, reader.Int("GwPriority"));
  endpoint.set_gateway_priority(priority);
  RETURN_IF_ERROR(CheckOperationalFields(reader));
  return endpoint;
}

absl::StatusOr<std::vector<Endpoint>> DecodeNetworkingConfig(
    const json::object& config) {
  JsonReader reader(config, {"NetworkingConfig", "NetworkingConfig."});
  const json::value* endpoints = reader.Find("EndpointsConfig");
  if (endpoints == nullptr) return std::vector<Endpoint>();
  const std::string path = "NetworkingConfig.EndpointsConfig";
  if (!endpoints->is_object()) {
    return JsonTypeError(*endpoints, {"NetworkingConfig", path},
                         "map[string]*network.EndpointSettings");
  }
  std::map<std::string, Endpoint> sorted;
  for (const auto& entry : endpoints->get_object()) {
    Endpoint& endpoint = sorted[std::string(entry.key())];
    if (!entry.value().is_null()) {
      if (!entry.value().is_object()) {
        return JsonTypeError(entry.value(), {"NetworkingConfig", path},
                             "network.EndpointSettings");
      }
      ASSIGN_OR_RETURN(endpoint, DecodeEndpoint(entry.value().get_object(),
                                                absl::StrCat(path, ".")));
    }
    endpoint.set_network_name(std::string(entry.key()));
  }
  std::vector<Endpoint> result;
  for (auto& [name, endpoint] : sorted) result.push_back(std::move(endpoint));
  return result;
}

json::object EncodeEndpoint(const Endpoint& endpoint) {
  json::object object;
  object["IPAMConfig"] = EncodeIpam(endpoint);
  object["Links"] = nullptr;
  if (endpoint.has_links()) {
    object["Links"] = EncodeStrings(endpoint.links().values());
  }
  object["Aliases"] = nullptr;
  if (endpoint.has_aliases()) {
    object["Aliases"] = EncodeStrings(endpoint.aliases().values());
  }
  object["DriverOpts"] = EncodeDriverOptions(endpoint);
  EncodeAddresses(endpoint, object);
  json::value names = nullptr;
  if (!endpoint.dns_names().empty()) {
    json::array& array = names.emplace_array();
    for (const std::string& name : endpoint.dns_names()) {
      array.emplace_back(name);
    }
  }
  object["DNSNames"] = std::move(names);
  return object;
}

json::object EncodeEndpointSummary(const Endpoint& endpoint) {
  json::object object;
  object["IPAMConfig"] = EncodeIpam(endpoint);
  object["Links"] = nullptr;
  object["Aliases"] = nullptr;
  object["DriverOpts"] = nullptr;
  EncodeAddresses(endpoint, object);
  object["DNSNames"] = nullptr;
  return object;
}

}  // namespace tug::gatewayd
