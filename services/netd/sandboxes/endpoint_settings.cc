// SPDX-License-Identifier: Apache-2.0
#include "services/netd/sandboxes/endpoint_settings.h"

#include <sys/socket.h>

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/id.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/netlink/ip.h"
#include "lib/netlink/link.h"
#include "services/netd/networks/predefined.h"

namespace tug::netd {
namespace {

using netlink::IpAddress;
using netlink::IpPrefix;
using network::v1::Endpoint;
using network::v1::Network;
using network::v1::Sandbox;

constexpr char kSysctlsOption[] = "com.docker.network.endpoint.sysctls";
constexpr char kNameOption[] = "com.docker.network.endpoint.ifname";

absl::Status Invalid(absl::string_view why) {
  return WithReason(absl::InvalidArgumentError(why), "ENDPOINT_INVALID");
}

absl::Status CheckStatic(const Network& network, const std::string& text,
                         int family) {
  if (text.empty()) return absl::OkStatus();
  const auto address = IpAddress::Parse(text);
  if (!address.ok() || address->family() != family) {
    return Invalid(absl::StrCat("invalid IPv", family == AF_INET ? 4 : 6,
                                " address: ", text));
  }
  if (!IsUserDefined(network)) {
    return Invalid(
        "user-specified IP address is supported on user-defined networks only");
  }
  for (const auto& pool : network.ipam().pools()) {
    const auto subnet = IpPrefix::Parse(pool.subnet());
    if (subnet.ok() && subnet->Contains(*address)) return absl::OkStatus();
  }
  return Invalid(
      absl::StrCat("no configured subnet contains IP address ", text));
}

absl::Status CheckAliases(const Network& network, const Endpoint& endpoint) {
  if (endpoint.aliases().values_size() > kMaxAliases) {
    return Invalid(absl::StrCat("more than ", kMaxAliases, " aliases"));
  }
  if (endpoint.aliases().values_size() > 0 && !IsUserDefined(network)) {
    return Invalid(
        "network-scoped aliases are only supported for user-defined networks");
  }
  return absl::OkStatus();
}

absl::Status CheckLinkLocal(const Endpoint& endpoint) {
  if (endpoint.link_local_ips().values_size() > kMaxAliases) {
    return Invalid(
        absl::StrCat("more than ", kMaxAliases, " link-local addresses"));
  }
  for (const std::string& text : endpoint.link_local_ips().values()) {
    if (!IpAddress::Parse(text).ok()) {
      return Invalid(absl::StrCat("invalid link-local IP address: ", text));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckDriverOptions(const Endpoint& endpoint) {
  const auto& options = endpoint.driver_options().values();
  const auto name = options.find(kNameOption);
  if (name != options.end() && !netlink::IsLinkName(name->second)) {
    return Invalid(absl::StrCat(kNameOption, ": '", name->second,
                                "' is not the name of an interface"));
  }
  return EndpointSysctls(endpoint).status();
}

}  // namespace

absl::Status CheckEndpoint(const Network& network, const Endpoint& endpoint) {
  RETURN_IF_ERROR(CheckStatic(network, endpoint.requested_ipv4(), AF_INET));
  RETURN_IF_ERROR(CheckStatic(network, endpoint.requested_ipv6(), AF_INET6));
  if (!endpoint.requested_mac().empty() &&
      !netlink::ParseMac(endpoint.requested_mac()).ok()) {
    return Invalid(
        absl::StrCat("invalid MAC address: ", endpoint.requested_mac()));
  }
  RETURN_IF_ERROR(CheckAliases(network, endpoint));
  RETURN_IF_ERROR(CheckLinkLocal(endpoint));
  return CheckDriverOptions(endpoint);
}

absl::StatusOr<Network> ResolveEndpoint(const NetworkCatalog& networks,
                                        Endpoint& endpoint) {
  const std::string& reference = endpoint.network_id().empty()
                                     ? endpoint.network_name()
                                     : endpoint.network_id();
  ASSIGN_OR_RETURN(Network network, networks.Find(reference));
  if (network.config_only()) {
    return Invalid(absl::StrCat("configuration network ", network.name(),
                                " cannot have endpoints"));
  }
  RETURN_IF_ERROR(CheckEndpoint(network, endpoint));
  endpoint.set_network_id(network.id());
  endpoint.set_network_name(network.name());
  return network;
}

absl::Status CheckMode(const Sandbox& sandbox, const Network& network) {
  const Sandbox::Mode needed = network.driver() == kHostDriver ? Sandbox::HOST
                               : network.driver() == kNullDriver
                                   ? Sandbox::NONE
                                   : Sandbox::NETWORKED;
  if (needed == sandbox.mode()) return absl::OkStatus();
  return WithReason(
      absl::InvalidArgumentError(absl::StrCat(
          "network ", network.name(), " does not fit the mode of the sandbox")),
      "ENDPOINT_INVALID");
}

std::vector<std::string> DnsNames(const Network& network,
                                  const Sandbox& sandbox,
                                  const Endpoint& endpoint) {
  std::vector<std::string> names;
  if (!IsUserDefined(network)) return names;
  const auto add = [&](const std::string& name) {
    if (!name.empty() &&
        std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(name);
    }
  };
  add(sandbox.name());
  for (const std::string& alias : endpoint.aliases().values()) add(alias);
  add(std::string(ShortId(sandbox.lease())));
  add(sandbox.hostname());
  return names;
}

absl::StatusOr<std::vector<std::pair<std::string, std::string>>>
EndpointSysctls(const Endpoint& endpoint) {
  std::vector<std::pair<std::string, std::string>> sysctls;
  const auto& options = endpoint.driver_options().values();
  const auto given = options.find(kSysctlsOption);
  if (given == options.end()) return sysctls;
  for (const absl::string_view one :
       absl::StrSplit(given->second, ',', absl::SkipEmpty())) {
    const std::vector<std::string> parts =
        absl::StrSplit(one, absl::MaxSplits('=', 1));
    const bool known =
        parts.size() == 2 && absl::StartsWith(parts[0], "net.") &&
        absl::StrContains(parts[0], ".IFNAME.") &&
        !absl::StrContains(parts[0], '/') && !absl::StrContains(parts[0], "..");
    if (!known) {
      return Invalid(
          absl::StrCat(kSysctlsOption, ": '", one,
                       "': want net.FAMILY.KIND.IFNAME.SETTING=VALUE"));
    }
    sysctls.emplace_back(parts[0], parts[1]);
  }
  return sysctls;
}

std::string EndpointInterfaceName(const Endpoint& endpoint) {
  const auto& options = endpoint.driver_options().values();
  const auto name = options.find(kNameOption);
  return name == options.end() ? "" : name->second;
}

}  // namespace tug::netd
