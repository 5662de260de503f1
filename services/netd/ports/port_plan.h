// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/netlink/ip.h"
#include "proto/tug/network/v1/network.pb.h"

namespace tug::netd {

// Most published ports of one sandbox: each takes two sockets.
inline constexpr size_t kMaxPublishedPorts = 8192;

// One port of a container that is to be reached through the host.
struct PortWish {
  // IPPROTO_TCP, IPPROTO_UDP or IPPROTO_SCTP.
  uint8_t protocol = 0;
  uint16_t container_port = 0;
  // Absent: every address.
  std::optional<netlink::IpAddress> host;
  // Acceptable host ports; 0 to 0: any free one.
  uint16_t first = 0;
  uint16_t last = 0;
};

// What the settings ask for, with exposed ports when all are published.
// INVALID_ARGUMENT (ENDPOINT_INVALID) names the port.
absl::StatusOr<std::vector<PortWish>> PlanPorts(
    const network::v1::Sandbox& sandbox);

// "tcp", "udp", "sctp"; empty if unknown.
std::string ProtocolName(uint8_t protocol);

}  // namespace tug::netd
