// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/routes/containers/network_settings.h"

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "services/gatewayd/translate/endpoint_json.h"

namespace tug::gatewayd {
namespace {

namespace json = boost::json;
using network::v1::Endpoint;
using network::v1::PublishedPort;
using network::v1::Sandbox;
using runtime::v1::Container;

// First version without the default bridge's fields at the top.
constexpr ApiVersion kNoBridgeFields = {1, 52};

// Published ports by "80/tcp"; exposed ones have an empty list.
using PortsByKey = std::map<std::string, std::vector<const PublishedPort*>>;

PortsByKey CollectPorts(const Container& container, const Sandbox* sandbox) {
  PortsByKey ports;
  // On the networks host and none there is nothing to publish from.
  if (!IsRunning(container) || sandbox == nullptr ||
      sandbox->mode() != Sandbox::NETWORKED) {
    return ports;
  }
  for (const std::string& key : container.config().exposed_ports().ports()) {
    ports[key];
  }
  for (const PublishedPort& port : sandbox->ports()) {
    ports[absl::StrCat(port.container_port(), "/", port.protocol())].push_back(
        &port);
  }
  return ports;
}

int PrivatePort(const std::string& key) { return std::atoi(key.c_str()); }

std::string Protocol(const std::string& key) {
  const size_t slash = key.find('/');
  return slash == key.npos ? "tcp" : key.substr(slash + 1);
}

json::object EncodePorts(const PortsByKey& ports) {
  json::object object;
  for (const auto& [key, published] : ports) {
    json::value bindings = nullptr;
    for (const PublishedPort* port : published) {
      if (bindings.is_null()) bindings.emplace_array();
      bindings.get_array().push_back(
          json::object{{"HostIp", port->host_ip()},
                       {"HostPort", absl::StrCat(port->host_port())}});
    }
    object[key] = std::move(bindings);
  }
  return object;
}

// What clients before 1.52 read: the default bridge's addresses at the top.
void AddBridgeFields(const std::vector<Endpoint>& endpoints,
                     json::object& object) {
  Endpoint bridge;
  for (const Endpoint& endpoint : endpoints) {
    if (endpoint.network_name() == "bridge") bridge = endpoint;
  }
  object["EndpointID"] = bridge.endpoint_id();
  object["Gateway"] = bridge.gateway();
  object["GlobalIPv6Address"] = bridge.global_ipv6_address();
  object["GlobalIPv6PrefixLen"] = bridge.global_ipv6_prefix_length();
  object["IPAddress"] = bridge.ip_address();
  object["IPPrefixLen"] = bridge.ip_prefix_length();
  object["IPv6Gateway"] = bridge.ipv6_gateway();
  object["MacAddress"] = bridge.mac_address();
}

}  // namespace

bool IsRunning(const Container& container) {
  return container.state() == runtime::v1::CONTAINER_STATE_RUNNING ||
         container.state() == runtime::v1::CONTAINER_STATE_PAUSED;
}

std::vector<Endpoint> EndpointsOf(const Container& container,
                                  const Sandbox* sandbox) {
  std::vector<Endpoint> endpoints;
  if (sandbox != nullptr) {
    endpoints.assign(sandbox->endpoints().begin(), sandbox->endpoints().end());
  }
  const std::string& mode = container.host_config().network_mode();
  if (endpoints.empty() && (mode == "host" || mode == "none")) {
    endpoints.emplace_back().set_network_name(mode);
  }
  return endpoints;
}

json::array EncodePortSummaries(const Container& container,
                                const Sandbox* sandbox) {
  json::array array;
  for (const auto& [key, published] : CollectPorts(container, sandbox)) {
    if (published.empty()) {
      array.push_back(json::object{{"IP", ""},
                                   {"PrivatePort", PrivatePort(key)},
                                   {"Type", Protocol(key)}});
    }
    for (const PublishedPort* port : published) {
      array.push_back(json::object{{"IP", port->host_ip()},
                                   {"PrivatePort", PrivatePort(key)},
                                   {"PublicPort", port->host_port()},
                                   {"Type", Protocol(key)}});
    }
  }
  return array;
}

json::object EncodeNetworkSettings(const Container& container,
                                   const Sandbox* sandbox, ApiVersion version) {
  const bool live = IsRunning(container);
  json::object object;
  object["SandboxID"] = live && sandbox != nullptr ? container.id() : "";
  object["SandboxKey"] =
      live ? absl::StrCat("/proc/", container.pid(), "/ns/net") : "";
  object["Ports"] = EncodePorts(CollectPorts(container, sandbox));
  const std::vector<Endpoint> endpoints = EndpointsOf(container, sandbox);
  if (version < kNoBridgeFields) AddBridgeFields(endpoints, object);
  json::object networks;
  for (const Endpoint& endpoint : endpoints) {
    networks[endpoint.network_name()] = EncodeEndpoint(endpoint);
  }
  object["Networks"] = std::move(networks);
  return object;
}

}  // namespace tug::gatewayd
