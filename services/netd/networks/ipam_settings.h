// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/netlink/ip.h"
#include "proto/tug/network/v1/network.pb.h"
#include "services/netd/addresses/address_book.h"

namespace tug::netd {

// What a user asked for in one address family.
struct PoolWish {
  // Absent: any free subnet.
  std::optional<netlink::IpPrefix> subnet;
  std::optional<netlink::IpPrefix> range;
  std::optional<netlink::IpAddress> gateway;
  std::vector<std::pair<std::string, netlink::IpAddress>> auxiliary;
};

struct IpamWish {
  PoolWish v4;
  PoolWish v6;
};

// Checks each pool by itself, and that a family has at most one.
// INVALID_ARGUMENT (NETWORK_OPTIONS_INVALID) tells all that is wrong,
// PERMISSION_DENIED (NETWORK_OPTIONS_INVALID) too many subnets.
absl::StatusOr<IpamWish> ReadIpam(const network::v1::Ipam& ipam);

// The pool as it is recorded: `subnet` chosen, gateway filled in.
network::v1::IpamPool RecordPool(const PoolWish& wish,
                                 const netlink::IpPrefix& subnet);

// The recorded pools as the address book takes them.
absl::StatusOr<std::vector<AddressBook::Pool>> ReadPools(
    const network::v1::Network& network);

// The gateway of this family; absent if the network has none.
std::optional<netlink::IpPrefix> GatewayOf(const network::v1::Network& network,
                                           int family);

}  // namespace tug::netd
