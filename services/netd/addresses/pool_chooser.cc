// SPDX-License-Identifier: Apache-2.0
#include "services/netd/addresses/pool_chooser.h"

#include <sys/socket.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/check.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"

namespace tug::netd {
namespace {

using netlink::IpAddress;
using netlink::IpPrefix;

// The first of `taken` that `subnet` overlaps, or null.
const IpPrefix* FindOverlap(const IpPrefix& subnet,
                            const std::vector<IpPrefix>& taken) {
  const auto found = std::find_if(
      taken.begin(), taken.end(),
      [&](const IpPrefix& other) { return subnet.Overlaps(other); });
  return found == taken.end() ? nullptr : &*found;
}

// Tries each subnet of `pool`, stepping over what is in the way as a whole.
std::optional<IpPrefix> ChooseWithin(const AddressPool& pool,
                                     const std::vector<IpPrefix>& taken) {
  const int family = pool.base.address.family();
  const absl::uint128 last = pool.base.Last().number();
  absl::uint128 number = pool.base.Masked().address.number();
  for (;;) {
    const IpPrefix subnet = {IpAddress::FromNumber(family, number), pool.size};
    const IpPrefix* const overlap = FindOverlap(subnet, taken);
    if (overlap == nullptr) return subnet;
    const absl::uint128 end =
        std::max(subnet.Last().number(), overlap->Last().number());
    if (end >= last) return std::nullopt;
    number = IpPrefix{IpAddress::FromNumber(family, end + 1), pool.size}
                 .Masked()
                 .address.number();
    if (number <= end) {
      // The obstacle ended inside this subnet: go on with the next one.
      const IpPrefix blocked = {IpAddress::FromNumber(family, number),
                                pool.size};
      if (blocked.Last().number() >= last) return std::nullopt;
      number = blocked.Last().number() + 1;
    }
  }
}

}  // namespace

std::vector<AddressPool> DefaultAddressPools() {
  std::vector<AddressPool> pools;
  for (int second = 17; second <= 31; ++second) {
    pools.push_back(
        *ParseAddressPool(absl::StrCat("172.", second, ".0.0/16 16")));
  }
  pools.push_back(*ParseAddressPool("192.168.0.0/16 20"));
  return pools;
}

absl::StatusOr<AddressPool> ParseAddressPool(absl::string_view text) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits(' ', 1));
  AddressPool pool;
  ASSIGN_OR_RETURN(pool.base, IpPrefix::Parse(parts.first));
  if (!absl::SimpleAtoi(parts.second, &pool.size) ||
      pool.size < pool.base.length || pool.size > pool.base.address.bits()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "address pool '", text,
        "': want a base and the prefix length of its subnets, such as "
        "\"172.16.0.0/12 20\""));
  }
  pool.base = pool.base.Masked();
  return pool;
}

absl::StatusOr<IpPrefix> ChooseSubnet(const std::vector<AddressPool>& pools,
                                      int family,
                                      const std::vector<IpPrefix>& taken) {
  for (const AddressPool& pool : pools) {
    if (pool.base.address.family() != family) continue;
    const std::optional<IpPrefix> subnet = ChooseWithin(pool, taken);
    if (subnet.has_value()) return *subnet;
  }
  return WithReason(
      absl::FailedPreconditionError(
          "all predefined address pools have been fully subnetted: remove "
          "networks, name a subnet, or set address-pools"),
      "POOLS_EXHAUSTED");
}

AddressPool UniqueLocalPool(absl::string_view seed) {
  CHECK(seed.size() >= 5);
  uint8_t bytes[16] = {0xfd};
  std::copy(seed.begin(), seed.begin() + 5, bytes + 1);
  return {{IpAddress::FromBytes(AF_INET6, bytes), 48}, 64};
}

}  // namespace tug::netd
