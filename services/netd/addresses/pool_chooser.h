// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/netlink/ip.h"

namespace tug::netd {

// A range of addresses that is cut into subnets of one size.
struct AddressPool {
  netlink::IpPrefix base;
  // Prefix length of each subnet.
  int size = 0;
};

// 172.17.0.0/16 to 172.31.0.0/16, then 192.168.0.0/16 in /20.
std::vector<AddressPool> DefaultAddressPools();

// "172.17.0.0/12 16": a base and the size of each subnet. INVALID_ARGUMENT
// names the text.
absl::StatusOr<AddressPool> ParseAddressPool(absl::string_view text);

// The first subnet of this family in `pools` that overlaps none of `taken`.
// FAILED_PRECONDITION (POOLS_EXHAUSTED).
absl::StatusOr<netlink::IpPrefix> ChooseSubnet(
    const std::vector<AddressPool>& pools, int family,
    const std::vector<netlink::IpPrefix>& taken);

// The /48 of unique local addresses that `seed` (at least 5 bytes) names, cut
// into /64.
AddressPool UniqueLocalPool(absl::string_view seed);

}  // namespace tug::netd
