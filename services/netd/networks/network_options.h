// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "lib/netlink/ip.h"
#include "proto/tug/network/v1/network.pb.h"

namespace tug::netd {

inline constexpr char kBridgeNameOption[] = "com.docker.network.bridge.name";

// What the options of a bridge network say.
struct BridgeOptions {
  std::string bridge_name;
  bool masquerade = true;
  // Whether its containers may talk to each other.
  bool inter_container = true;
  // Host address of ports that are published without one.
  netlink::IpAddress host_binding;
  uint32_t mtu = 1500;
  // Interfaces in containers are this and a number.
  std::string interface_prefix = "eth";
};

// Reads the known options; others are kept in the record without a meaning, as
// Docker does. INVALID_ARGUMENT (NETWORK_OPTIONS_INVALID) for a bad value, or
// one that asks for what this engine does not do.
absl::StatusOr<BridgeOptions> ParseBridgeOptions(
    const network::v1::Network& network);

}  // namespace tug::netd
