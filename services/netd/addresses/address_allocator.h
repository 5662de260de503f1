// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>

#include "absl/numeric/int128.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/netlink/ip.h"

namespace tug::netd {

// Which addresses of one subnet are in use. Lives in memory only: it is built
// again from the records that hold the addresses.
//
// Not thread-safe.
class AddressAllocator {
 public:
  // Dynamic addresses come from `range`, which lies within `subnet`.
  AddressAllocator(const netlink::IpPrefix& subnet,
                   const netlink::IpPrefix& range);

  // The next free address after the one given out last, so that an address is
  // not used again while somebody may still remember its last owner.
  // FAILED_PRECONDITION (POOL_EXHAUSTED).
  absl::StatusOr<netlink::IpAddress> Allocate();

  // Takes this very address. FAILED_PRECONDITION (ADDRESS_TAKEN);
  // INVALID_ARGUMENT (ENDPOINT_INVALID) if no host can have it here.
  absl::Status Take(const netlink::IpAddress& address);

  void Release(const netlink::IpAddress& address);

  const netlink::IpPrefix& subnet() const { return subnet_; }

 private:
  // Whether it names the network itself or all of its hosts.
  bool IsSpecial(absl::uint128 number) const;

  const netlink::IpPrefix subnet_;
  const absl::uint128 first_;
  const absl::uint128 last_;
  absl::uint128 cursor_;
  std::set<absl::uint128> used_;
};

// The gateway that a subnet gets when the user named none: the first address
// of `range` that a host can have.
netlink::IpAddress DefaultGateway(const netlink::IpPrefix& subnet,
                                  const netlink::IpPrefix& range);

}  // namespace tug::netd
