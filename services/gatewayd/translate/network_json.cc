// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/translate/network_json.h"

#include <cstdint>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "boost/json/array.hpp"
#include "lib/base/status_macros.h"
#include "services/gatewayd/server/docker_error.h"
#include "services/gatewayd/translate/endpoint_json.h"
#include "services/gatewayd/translate/json_read.h"
#include "services/gatewayd/translate/json_values.h"
#include "services/gatewayd/translate/times.h"

namespace tug::gatewayd {
namespace {

namespace json = boost::json;
using network::v1::CreateNetworkRequest;
using network::v1::IpamPool;
using network::v1::Network;

json::object EncodePool(const IpamPool& pool) {
  json::object object;
  if (!pool.subnet().empty()) object["Subnet"] = pool.subnet();
  if (!pool.ip_range().empty()) object["IPRange"] = pool.ip_range();
  if (!pool.gateway().empty()) object["Gateway"] = pool.gateway();
  if (!pool.auxiliary_addresses().empty()) {
    object["AuxiliaryAddresses"] = EncodeStringMap(pool.auxiliary_addresses());
  }
  return object;
}

json::object EncodeIpam(const network::v1::Ipam& ipam) {
  json::object object;
  object["Driver"] = ipam.driver().empty() ? "default" : ipam.driver();
  object["Options"] = nullptr;
  if (ipam.has_options()) {
    object["Options"] = EncodeStringMap(ipam.options().values());
  }
  object["Config"] = nullptr;
  if (!ipam.pools().empty()) {
    json::array pools;
    for (const IpamPool& pool : ipam.pools()) pools.push_back(EncodePool(pool));
    object["Config"] = std::move(pools);
  }
  return object;
}

json::object EncodeContainers(const Network& network) {
  std::map<std::string, const network::v1::AttachedEndpoint*> sorted;
  for (const auto& [lease, endpoint] : network.endpoints()) {
    sorted[lease] = &endpoint;
  }
  json::object object;
  for (const auto& [lease, endpoint] : sorted) {
    object[lease] = json::object{{"Name", endpoint->name()},
                                 {"EndpointID", endpoint->endpoint_id()},
                                 {"MacAddress", endpoint->mac_address()},
                                 {"IPv4Address", endpoint->ipv4_address()},
                                 {"IPv6Address", endpoint->ipv6_address()}};
  }
  return object;
}

// Addresses of a subnet, as far as 64 bits count.
uint64_t SubnetSize(absl::string_view subnet) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(subnet, absl::MaxSplits('/', 1));
  int bits = 0;
  if (!absl::SimpleAtoi(parts.second, &bits)) return 0;
  const int host_bits = (absl::StrContains(subnet, ':') ? 128 : 32) - bits;
  if (host_bits < 0) return 0;
  return host_bits >= 63 ? uint64_t{1} << 63 : uint64_t{1} << host_bits;
}

uint64_t EndpointsIn(const Network& network, const IpamPool& pool) {
  const bool v6 = absl::StrContains(pool.subnet(), ':');
  uint64_t count = 0;
  for (const auto& [lease, endpoint] : network.endpoints()) {
    const std::string& address =
        v6 ? endpoint.ipv6_address() : endpoint.ipv4_address();
    if (!address.empty()) ++count;
  }
  return count;
}

// In use: the network's own and broadcast address, the gateway, reserved
// addresses and endpoints.
json::object EncodeStatus(const Network& network) {
  json::object subnets;
  for (const IpamPool& pool : network.ipam().pools()) {
    if (pool.subnet().empty()) continue;
    const uint64_t used = 2 + (pool.gateway().empty() ? 0 : 1) +
                          pool.auxiliary_addresses().size() +
                          EndpointsIn(network, pool);
    const uint64_t size =
        SubnetSize(pool.ip_range().empty() ? pool.subnet() : pool.ip_range());
    subnets[pool.subnet()] =
        json::object{{"IPsInUse", used},
                     {"DynamicIPsAvailable", size > used ? size - used : 0}};
  }
  json::object ipam;
  if (!subnets.empty()) ipam["Subnets"] = std::move(subnets);
  return json::object{{"IPAM", std::move(ipam)}};
}

absl::Status DecodePool(const json::object& object, IpamPool& pool) {
  const JsonReader reader(object, {"IPAMConfig", "IPAM.Config."});
  ASSIGN_OR_RETURN(*pool.mutable_subnet(), reader.Prefix("Subnet"));
  ASSIGN_OR_RETURN(*pool.mutable_ip_range(), reader.Prefix("IPRange"));
  ASSIGN_OR_RETURN(*pool.mutable_gateway(), reader.Address("Gateway"));
  ASSIGN_OR_RETURN(
      const auto* addresses,
      reader.Object("AuxiliaryAddresses", "map[string]netip.Addr"));
  if (addresses == nullptr) return absl::OkStatus();
  const JsonReader inner(*addresses,
                         {"IPAMConfig", "IPAM.Config.AuxiliaryAddresses."});
  for (const auto& entry : *addresses) {
    ASSIGN_OR_RETURN(std::string address, inner.Address(View(entry.key())));
    (*pool.mutable_auxiliary_addresses())[std::string(entry.key())] =
        std::move(address);
  }
  return absl::OkStatus();
}

absl::Status DecodeIpam(const json::object& object, network::v1::Ipam& ipam) {
  const JsonReader reader(object, {"IPAM", "IPAM."});
  ASSIGN_OR_RETURN(*ipam.mutable_driver(), reader.String("Driver"));
  ASSIGN_OR_RETURN(const auto options, reader.StringMap("Options"));
  if (options.has_value()) {
    auto& values = *ipam.mutable_options()->mutable_values();
    for (const auto& [key, value] : *options) values[key] = value;
  }
  ASSIGN_OR_RETURN(const auto* pools,
                   reader.Array("Config", "[]network.IPAMConfig"));
  if (pools == nullptr) return absl::OkStatus();
  for (const json::value& element : *pools) {
    if (!element.is_object()) {
      return JsonTypeError(element, reader.PlaceOf("Config"),
                           "network.IPAMConfig");
    }
    RETURN_IF_ERROR(DecodePool(element.get_object(), *ipam.add_pools()));
  }
  return absl::OkStatus();
}

absl::Status DecodeFlags(const JsonReader& reader,
                         CreateNetworkRequest& request) {
  ASSIGN_OR_RETURN(const bool internal, reader.Bool("Internal"));
  request.set_internal(internal);
  ASSIGN_OR_RETURN(const bool attachable, reader.Bool("Attachable"));
  request.set_attachable(attachable);
  ASSIGN_OR_RETURN(const bool ingress, reader.Bool("Ingress"));
  request.set_ingress(ingress);
  ASSIGN_OR_RETURN(const bool config_only, reader.Bool("ConfigOnly"));
  request.set_config_only(config_only);
  ASSIGN_OR_RETURN(const auto ipv4, reader.OptionalBool("EnableIPv4"));
  if (ipv4.has_value()) request.set_enable_ipv4(*ipv4);
  ASSIGN_OR_RETURN(const auto ipv6, reader.OptionalBool("EnableIPv6"));
  if (ipv6.has_value()) request.set_enable_ipv6(*ipv6);
  return absl::OkStatus();
}

absl::Status CheckScope(const std::string& scope) {
  if (scope.empty() || scope == "local") return absl::OkStatus();
  if (scope == "swarm") {
    return DockerError(
        403,
        "cannot create a swarm scoped network when swarm is not active");
  }
  return DockerError(400, absl::StrCat("network scope \"", scope,
                                       "\" is not known: leave it out, or "
                                       "say \"local\""));
}

absl::Status DecodeMaps(const JsonReader& reader,
                        CreateNetworkRequest& request) {
  ASSIGN_OR_RETURN(const auto options, reader.StringMap("Options"));
  for (const auto& [key, value] : options.value_or(JsonReader::Pairs())) {
    (*request.mutable_options())[key] = value;
  }
  ASSIGN_OR_RETURN(const auto labels, reader.StringMap("Labels"));
  for (const auto& [key, value] : labels.value_or(JsonReader::Pairs())) {
    (*request.mutable_labels())[key] = value;
  }
  return absl::OkStatus();
}

}  // namespace

json::object EncodeNetwork(const Network& network) {
  json::object object;
  object["Name"] = network.name();
  object["Id"] = network.id();
  object["Created"] = Rfc3339(network.created());
  object["Scope"] = "local";
  object["Driver"] = network.driver();
  object["EnableIPv4"] = network.enable_ipv4();
  object["EnableIPv6"] = network.enable_ipv6();
  object["IPAM"] = EncodeIpam(network.ipam());
  object["Internal"] = network.internal();
  object["Attachable"] = network.attachable();
  object["Ingress"] = network.ingress();
  object["ConfigFrom"] = json::object{{"Network", network.config_from()}};
  object["ConfigOnly"] = network.config_only();
  object["Options"] = EncodeStringMap(network.options());
  object["Labels"] = EncodeStringMap(network.labels());
  return object;
}

json::object EncodeNetworkInspect(const Network& network, ApiVersion version) {
  json::object object = EncodeNetwork(network);
  object["Containers"] = EncodeContainers(network);
  if (version >= ApiVersion{1, 52}) object["Status"] = EncodeStatus(network);
  return object;
}

absl::StatusOr<CreateNetworkRequest> DecodeNetworkCreate(
    const json::value& body) {
  if (!body.is_object()) {
    return JsonTypeError(body, {}, "network.CreateRequest");
  }
  const JsonReader reader(body.get_object(), {"CreateRequest", ""});
  CreateNetworkRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), reader.String("Name"));
  ASSIGN_OR_RETURN(*request.mutable_driver(), reader.String("Driver"));
  ASSIGN_OR_RETURN(const std::string scope, reader.String("Scope"));
  RETURN_IF_ERROR(CheckScope(scope));
  RETURN_IF_ERROR(DecodeFlags(reader, request));
  RETURN_IF_ERROR(DecodeMaps(reader, request));
  ASSIGN_OR_RETURN(const auto* ipam, reader.Object("IPAM", "network.IPAM"));
  if (ipam != nullptr) {
    RETURN_IF_ERROR(DecodeIpam(*ipam, *request.mutable_ipam()));
  }
  ASSIGN_OR_RETURN(const auto* from,
                   reader.Object("ConfigFrom", "network.ConfigReference"));
  if (from != nullptr) {
    const JsonReader inner(*from, {"ConfigReference", "ConfigFrom."});
    ASSIGN_OR_RETURN(*request.mutable_config_from(), inner.String("Network"));
  }
  return request;
}

absl::StatusOr<NetworkMembership> DecodeNetworkMembership(
    const json::value& body) {
  if (!body.is_object()) {
    return JsonTypeError(body, {}, "network.ConnectRequest");
  }
  const JsonReader reader(body.get_object(), {"ConnectRequest", ""});
  NetworkMembership membership;
  ASSIGN_OR_RETURN(membership.container, reader.String("Container"));
  ASSIGN_OR_RETURN(membership.force, reader.Bool("Force"));
  ASSIGN_OR_RETURN(const auto* endpoint,
                   reader.Object("EndpointConfig", "network.EndpointSettings"));
  if (endpoint != nullptr) {
    ASSIGN_OR_RETURN(membership.endpoint,
                     DecodeEndpoint(*endpoint, "EndpointConfig."));
  }
  return membership;
}

}  // namespace tug::gatewayd
