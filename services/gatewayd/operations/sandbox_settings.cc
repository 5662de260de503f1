// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/operations/sandbox_settings.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/status_macros.h"
#include "services/gatewayd/server/docker_error.h"

namespace tug::gatewayd {
namespace {

using network::v1::Endpoint;
using network::v1::ReserveSandboxRequest;
using network::v1::Sandbox;
using runtime::v1::Config;
using runtime::v1::HostConfig;

constexpr absl::string_view kContainerMode = "container:";
constexpr int kMaxPort = 65535;
constexpr char kDefaultNetwork[] = "bridge";

absl::Status Conflict(absl::string_view what) {
  return DockerError(400, absl::StrCat("conflicting options: ", what));
}

bool ParsePort(absl::string_view text, uint32_t& port) {
  int value = 0;
  if (text.empty() ||
      text.find_first_not_of("0123456789") != absl::string_view::npos ||
      !absl::SimpleAtoi(text, &value) || value > kMaxPort) {
    return false;
  }
  port = static_cast<uint32_t>(value);
  return true;
}

// "", "80" or "8000-8010" into first and last.
absl::Status ParseHostPort(const std::string& text,
                           network::v1::PublishedPort& port) {
  if (text.empty()) return absl::OkStatus();
  const size_t dash = text.find('-');
  uint32_t first = 0, last = 0;
  if (!ParsePort(absl::string_view(text).substr(0, dash), first) ||
      (dash != text.npos &&
       !ParsePort(absl::string_view(text).substr(dash + 1), last)) ||
      (dash != text.npos && last < first)) {
    return DockerError(
        400, absl::StrCat("invalid port specification: \"", text, "\""));
  }
  port.set_host_port(first);
  port.set_host_port_end(dash == text.npos ? first : last);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<network::v1::PublishedPort>> PublishedPorts(
    const HostConfig& host) {
  std::vector<network::v1::PublishedPort> ports;
  for (const auto& [key, bindings] : host.port_bindings().ports()) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(key, absl::MaxSplits('/', 1));
    network::v1::PublishedPort port;
    uint32_t number = 0;
    if (!ParsePort(parts.first, number)) {
      return DockerError(400, absl::StrCat("invalid port '", key, "'"));
    }
    port.set_container_port(number);
    port.set_protocol(parts.second.empty() ? "tcp" : parts.second);
    for (const runtime::v1::PortBinding& binding : bindings.bindings()) {
      network::v1::PublishedPort published = port;
      published.set_host_ip(binding.host_ip());
      RETURN_IF_ERROR(ParseHostPort(binding.host_port(), published));
      ports.push_back(std::move(published));
    }
  }
  return ports;
}

absl::Status CheckContainerMode(const Config& config, const HostConfig& host) {
  if (!config.hostname().empty()) {
    return Conflict("hostname and the network mode");
  }
  if (host.links().values_size() > 0) {
    return Conflict(
        "container type network can't be used with links. This would result "
        "in undefined behavior");
  }
  if (host.dns().values_size() > 0) return Conflict("dns and the network mode");
  if (host.extra_hosts().values_size() > 0) {
    return Conflict("custom host-to-IP mapping and the network mode");
  }
  if (!host.port_bindings().ports().empty() || host.publish_all_ports()) {
    return Conflict("port publishing and the container type network mode");
  }
  if (config.exposed_ports().ports_size() > 0) {
    return Conflict("port exposing and the container type network mode");
  }
  return absl::OkStatus();
}

// The endpoints in order: that of the mode first.
std::vector<Endpoint> OrderEndpoints(const HostConfig& host,
                                     const std::vector<Endpoint>& asked) {
  const std::string& mode = host.network_mode();
  const bool is_default =
      mode.empty() || mode == "default" || mode == kDefaultNetwork;
  const std::string first = is_default ? kDefaultNetwork : mode;
  std::vector<Endpoint> ordered;
  for (const Endpoint& endpoint : asked) {
    const bool same = endpoint.network_name() == first ||
                      (is_default && endpoint.network_name() == "default");
    if (!same) continue;
    ordered.push_back(endpoint);
    ordered.back().set_network_name(first);
  }
  if (ordered.empty() && (asked.empty() || !is_default)) {
    ordered.emplace_back().set_network_name(first);
  }
  for (const Endpoint& endpoint : asked) {
    if (endpoint.network_name() == first ||
        endpoint.network_name() == "default") {
      continue;
    }
    ordered.push_back(endpoint);
  }
  return ordered;
}

void FillDns(const HostConfig& host, ReserveSandboxRequest& request) {
  network::v1::DnsSettings& dns = *request.mutable_dns();
  if (host.dns().values_size() > 0) *dns.mutable_servers() = host.dns();
  if (host.dns_search().values_size() > 0) {
    *dns.mutable_search() = host.dns_search();
  }
  if (host.dns_options().values_size() > 0) {
    *dns.mutable_options() = host.dns_options();
  }
}

}  // namespace

std::string ContainerOfMode(absl::string_view mode) {
  if (!absl::StartsWith(mode, kContainerMode)) return "";
  return std::string(mode.substr(kContainerMode.size()));
}

LinkText ParseLink(const std::string& text) {
  const size_t colon = text.find(':');
  if (colon == text.npos) return {text, text};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

absl::Status CheckNetworkSettings(const Config& config,
                                  const HostConfig& host) {
  const std::string& mode = host.network_mode();
  for (const std::string& entry : host.extra_hosts().values()) {
    if (!absl::StrContains(entry, ":") && !absl::StrContains(entry, "=")) {
      return DockerError(
          400, absl::StrCat("bad format for add-host: \"", entry, "\""));
    }
  }
  RETURN_IF_ERROR(PublishedPorts(host).status());
  if (mode == kContainerMode) {
    return DockerError(400,
                       "invalid network mode: invalid container format "
                       "container:<name|id>");
  }
  if (absl::StartsWith(mode, kContainerMode)) {
    return CheckContainerMode(config, host);
  }
  if (mode == "host" && host.links().values_size() > 0) {
    return Conflict(
        "host type networking can't be used with links. This would result in "
        "undefined behavior");
  }
  return absl::OkStatus();
}

std::vector<std::string> NetworkWarnings(const HostConfig& host) {
  std::vector<std::string> warnings;
  if (host.network_mode() == "host" && !host.port_bindings().ports().empty()) {
    warnings.push_back(
        "Published ports are discarded when using host network mode");
  }
  return warnings;
}

absl::StatusOr<ReserveSandboxRequest> MakeSandboxRequest(
    const runtime::v1::Container& container,
    const std::vector<Endpoint>& endpoints) {
  const Config& config = container.config();
  const HostConfig& host = container.host_config();
  ReserveSandboxRequest request;
  request.set_lease(container.id());
  request.set_name(container.name());
  request.set_hostname(config.hostname());
  request.set_domainname(config.domainname());
  *request.mutable_extra_hosts() = host.extra_hosts().values();
  FillDns(host, request);
  if (config.network_disabled() || host.network_mode() == "none") {
    request.set_mode(Sandbox::NONE);
    return request;
  }
  if (host.network_mode() == "host") {
    request.set_mode(Sandbox::HOST);
    return request;
  }
  request.set_mode(Sandbox::NETWORKED);
  for (Endpoint& endpoint : OrderEndpoints(host, endpoints)) {
    *request.add_endpoints() = std::move(endpoint);
  }
  if (!config.mac_address().empty() &&
      request.endpoints(0).requested_mac().empty()) {
    request.mutable_endpoints(0)->set_requested_mac(config.mac_address());
  }
  ASSIGN_OR_RETURN(auto ports, PublishedPorts(host));
  for (auto& port : ports) *request.add_ports() = std::move(port);
  *request.mutable_exposed_ports() = config.exposed_ports().ports();
  request.set_publish_all(host.publish_all_ports());
  return request;
}

}  // namespace tug::gatewayd
