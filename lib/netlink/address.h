// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "lib/netlink/ip.h"
#include "lib/netlink/message.h"
#include "lib/netlink/socket.h"

namespace tug::netlink {

struct LinkAddress {
  int link = 0;
  IpPrefix prefix;
};

// `prefix` is the address with the length of its subnet. IPv6 addresses are
// usable at once (no duplicate address detection).
Message AddAddress(int link, const IpPrefix& prefix);
Message DeleteAddress(int link, const IpPrefix& prefix);

// Addresses of both families.
absl::StatusOr<std::vector<LinkAddress>> ListAddresses(Socket& socket);

}  // namespace tug::netlink
