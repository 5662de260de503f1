// SPDX-License-Identifier: Apache-2.0
#include "services/netd/ports/port_plan.h"

#include <netinet/in.h>

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"

namespace tug::netd {
namespace {

using network::v1::PublishedPort;
using network::v1::Sandbox;

constexpr uint32_t kLastPort = 65535;

absl::Status Invalid(absl::string_view what, absl::string_view why) {
  return WithReason(absl::InvalidArgumentError(absl::StrCat(what, ": ", why)),
                    "ENDPOINT_INVALID");
}

absl::StatusOr<uint8_t> ReadProtocol(absl::string_view what,
                                     absl::string_view name) {
  if (name.empty() || name == "tcp") return uint8_t{IPPROTO_TCP};
  if (name == "udp") return uint8_t{IPPROTO_UDP};
  if (name == "sctp") return uint8_t{IPPROTO_SCTP};
  return Invalid(what, absl::StrCat("unknown protocol '", name, "'"));
}

absl::StatusOr<PortWish> ReadPort(const PublishedPort& port) {
  const std::string what =
      absl::StrCat("published port ", port.container_port());
  PortWish wish;
  ASSIGN_OR_RETURN(wish.protocol, ReadProtocol(what, port.protocol()));
  if (port.container_port() == 0 || port.container_port() > kLastPort ||
      port.host_port() > kLastPort || port.host_port_end() > kLastPort) {
    return Invalid(what, "ports are 1 to 65535");
  }
  const uint32_t last = std::max(port.host_port(), port.host_port_end());
  if (port.host_port() == 0 && last != 0) {
    return Invalid(what, "a range of host ports begins at 1");
  }
  if (port.host_port_end() != 0 && port.host_port_end() < port.host_port()) {
    return Invalid(what, "the range of host ports ends before it begins");
  }
  wish.container_port = static_cast<uint16_t>(port.container_port());
  wish.first = static_cast<uint16_t>(port.host_port());
  wish.last = static_cast<uint16_t>(last);
  if (!port.host_ip().empty()) {
    const auto host = netlink::IpAddress::Parse(port.host_ip());
    if (!host.ok()) return Invalid(what, host.status().message());
    wish.host = *host;
  }
  return wish;
}

// "80/tcp", "80", "8000-8010/udp".
absl::Status AddExposed(const std::string& text,
                        std::vector<PortWish>& wishes) {
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(text, absl::MaxSplits('/', 1));
  ASSIGN_OR_RETURN(
      const uint8_t protocol,
      ReadProtocol(absl::StrCat("exposed port ", text), parts.second));
  const std::vector<std::string> ends = absl::StrSplit(parts.first, '-');
  uint32_t first = 0;
  uint32_t last = 0;
  if (ends.size() > 2 || !absl::SimpleAtoi(ends.front(), &first) ||
      !absl::SimpleAtoi(ends.back(), &last) || first == 0 || last < first ||
      last > kLastPort) {
    return Invalid(absl::StrCat("exposed port ", text), "not a port");
  }
  for (uint32_t port = first; port <= last; ++port) {
    const bool known =
        std::any_of(wishes.begin(), wishes.end(), [&](const PortWish& wish) {
          return wish.protocol == protocol && wish.container_port == port;
        });
    if (known) continue;
    PortWish wish;
    wish.protocol = protocol;
    wish.container_port = static_cast<uint16_t>(port);
    wishes.push_back(wish);
    if (wishes.size() > kMaxPublishedPorts) break;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<PortWish>> PlanPorts(const Sandbox& sandbox) {
  std::vector<PortWish> wishes;
  for (const PublishedPort& port : sandbox.requested_ports()) {
    ASSIGN_OR_RETURN(PortWish wish, ReadPort(port));
    wishes.push_back(wish);
    if (wishes.size() > kMaxPublishedPorts) break;
  }
  if (sandbox.publish_all()) {
    for (const std::string& exposed : sandbox.exposed_ports()) {
      RETURN_IF_ERROR(AddExposed(exposed, wishes));
    }
  }
  if (wishes.size() > kMaxPublishedPorts) {
    return Invalid("published ports",
                   absl::StrCat("more than ", kMaxPublishedPorts));
  }
  return wishes;
}

std::string ProtocolName(uint8_t protocol) {
  switch (protocol) {
    case IPPROTO_TCP:
      return "tcp";
    case IPPROTO_UDP:
      return "udp";
    case IPPROTO_SCTP:
      return "sctp";
    default:
      return "";
  }
}

}  // namespace tug::netd
