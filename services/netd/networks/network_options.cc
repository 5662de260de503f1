// SPDX-License-Identifier: Apache-2.0
#include "services/netd/networks/network_options.h"

#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "lib/base/id.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/netlink/link.h"

namespace tug::netd {
namespace {

// The least that IPv4 allows (RFC 791), and the most that a veth takes.
constexpr int kMinMtu = 68;
constexpr int kMaxMtu = 65535;
// "eth" and up to four digits have to fit into an interface name.
constexpr size_t kMaxInterfacePrefix = netlink::kMaxLinkName - 4;

absl::Status Invalid(absl::string_view key, absl::string_view value,
                     absl::string_view why) {
  return WithReason(
      absl::InvalidArgumentError(absl::StrCat(
          "failed to parse ", key, " value: ", value, " (", why, ")")),
      "NETWORK_OPTIONS_INVALID");
}

absl::Status Unsupported(absl::string_view key, absl::string_view value) {
  return WithReason(
      absl::InvalidArgumentError(absl::StrCat(
          "option ", key, "=", value, " is not supported: leave it out")),
      "NETWORK_OPTIONS_INVALID");
}

// The texts that Go's ParseBool takes.
absl::Status ReadBool(absl::string_view key, absl::string_view value,
                      bool& target) {
  for (const char* yes : {"1", "t", "T", "true", "TRUE", "True"}) {
    if (value == yes) return target = true, absl::OkStatus();
  }
  for (const char* no : {"0", "f", "F", "false", "FALSE", "False"}) {
    if (value == no) return target = false, absl::OkStatus();
  }
  return Invalid(key, value,
                 absl::StrCat("strconv.ParseBool: parsing \"", value,
                              "\": invalid syntax"));
}

using Reader = absl::Status (*)(absl::string_view key, absl::string_view value,
                                BridgeOptions& options);

absl::Status ReadBridgeName(absl::string_view key, absl::string_view value,
                            BridgeOptions& options) {
  if (!netlink::IsLinkName(value)) {
    return Invalid(key, value, "not the name of an interface");
  }
  options.bridge_name = std::string(value);
  return absl::OkStatus();
}

absl::Status ReadHostBinding(absl::string_view key, absl::string_view value,
                             BridgeOptions& options) {
  const auto address = netlink::IpAddress::Parse(value);
  if (!address.ok() || !address->is_v4()) return Invalid(key, value, "nil ip");
  options.host_binding = *address;
  return absl::OkStatus();
}

absl::Status ReadMtu(absl::string_view key, absl::string_view value,
                     BridgeOptions& options) {
  int mtu = 0;
  if (!absl::SimpleAtoi(value, &mtu)) {
    return Invalid(
        key, value,
        absl::StrCat("strconv.Atoi: parsing \"", value, "\": invalid syntax"));
  }
  if (mtu == 0) return absl::OkStatus();
  if (mtu < kMinMtu || mtu > kMaxMtu) {
    return Invalid(key, value, absl::StrCat("want ", kMinMtu, " to ", kMaxMtu));
  }
  options.mtu = static_cast<uint32_t>(mtu);
  return absl::OkStatus();
}

absl::Status ReadGatewayMode(absl::string_view key, absl::string_view value,
                             BridgeOptions&) {
  if (value.empty() || value == "nat") return absl::OkStatus();
  for (const char* known : {"nat-unprotected", "routed", "isolated"}) {
    if (value == known) return Unsupported(key, value);
  }
  return Invalid(key, value, absl::StrCat("unknown gateway mode ", value));
}

absl::Status ReadInterfacePrefix(absl::string_view key, absl::string_view value,
                                 BridgeOptions& options) {
  if (!netlink::IsLinkName(value) || value.size() > kMaxInterfacePrefix) {
    return Invalid(key, value, "not the beginning of an interface name");
  }
  options.interface_prefix = std::string(value);
  return absl::OkStatus();
}

absl::Status ReadSourceAddress(absl::string_view key, absl::string_view value,
                               BridgeOptions&) {
  if (!netlink::IpAddress::Parse(value).ok()) {
    return Invalid(key, value, "nil ip");
  }
  return Unsupported(key, value);
}

absl::Status ReadInhibit(absl::string_view key, absl::string_view value,
                         BridgeOptions&) {
  bool inhibit = false;
  RETURN_IF_ERROR(ReadBool(key, value, inhibit));
  return inhibit ? Unsupported(key, value) : absl::OkStatus();
}

absl::Status ReadTrustedInterfaces(absl::string_view key,
                                   absl::string_view value, BridgeOptions&) {
  return value.empty() ? absl::OkStatus() : Unsupported(key, value);
}

constexpr std::pair<const char*, Reader> kReaders[] = {
    {kBridgeNameOption, ReadBridgeName},
    {"com.docker.network.bridge.enable_icc",
     [](absl::string_view key, absl::string_view value, BridgeOptions& o) {
       return ReadBool(key, value, o.inter_container);
     }},
    {"com.docker.network.bridge.enable_ip_masquerade",
     [](absl::string_view key, absl::string_view value, BridgeOptions& o) {
       return ReadBool(key, value, o.masquerade);
     }},
    {"com.docker.network.bridge.host_binding_ipv4", ReadHostBinding},
    {"com.docker.network.driver.mtu", ReadMtu},
    {"com.docker.network.container_iface_prefix", ReadInterfacePrefix},
    {"com.docker.network.bridge.gateway_mode_ipv4", ReadGatewayMode},
    {"com.docker.network.bridge.gateway_mode_ipv6", ReadGatewayMode},
    {"com.docker.network.bridge.inhibit_ipv4", ReadInhibit},
    {"com.docker.network.bridge.trusted_host_interfaces",
     ReadTrustedInterfaces},
    {"com.docker.network.host_ipv4", ReadSourceAddress},
    {"com.docker.network.host_ipv6", ReadSourceAddress},
};

}  // namespace

absl::StatusOr<BridgeOptions> ParseBridgeOptions(
    const network::v1::Network& network) {
  BridgeOptions options;
  options.bridge_name = absl::StrCat("br-", ShortId(network.id()));
  for (const auto& [key, read] : kReaders) {
    const auto given = network.options().find(key);
    if (given == network.options().end()) continue;
    RETURN_IF_ERROR(read(key, given->second, options));
  }
  return options;
}

}  // namespace tug::netd
