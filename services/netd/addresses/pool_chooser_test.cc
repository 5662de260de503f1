// SPDX-License-Identifier: Apache-2.0
#include "services/netd/addresses/pool_chooser.h"

#include <sys/socket.h>

#include "gtest/gtest.h"
#include "lib/testing/status_matchers.h"

namespace tug::netd {
namespace {

using netlink::IpPrefix;

std::string Choose(const std::vector<AddressPool>& pools,
                   std::vector<const char*> taken, int family = AF_INET) {
  std::vector<IpPrefix> prefixes;
  for (const char* text : taken) prefixes.push_back(*IpPrefix::Parse(text));
  const auto subnet = ChooseSubnet(pools, family, prefixes);
  return subnet.ok() ? subnet->ToString() : StatusReason(subnet.status());
}

TEST(ChooseSubnetTest, TakesTheFirstThatNobodyUses) {
  const auto pools = DefaultAddressPools();
  EXPECT_EQ(Choose(pools, {}), "172.17.0.0/16");
  EXPECT_EQ(Choose(pools, {"172.17.0.1/32", "172.18.3.0/24"}), "172.19.0.0/16");
  EXPECT_EQ(Choose(pools, {"172.16.0.0/12"}), "192.168.0.0/20");
  EXPECT_EQ(Choose(pools, {"172.16.0.0/12", "192.168.1.0/24"}),
            "192.168.16.0/20");
  EXPECT_EQ(Choose(pools, {"172.16.0.0/12", "192.168.0.0/17"}),
            "192.168.128.0/20");
  EXPECT_EQ(Choose(pools, {"0.0.0.0/0"}), "POOLS_EXHAUSTED");
  EXPECT_EQ(Choose(pools, {"172.16.0.0/12", "192.168.0.0/16"}),
            "POOLS_EXHAUSTED");
}

TEST(ChooseSubnetTest, CutsUniqueLocalAddresses) {
  const std::vector<AddressPool> pools = {UniqueLocalPool("\1\2\3\4\5")};
  EXPECT_EQ(Choose(pools, {}, AF_INET6), "fd01:203:405::/64");
  EXPECT_EQ(Choose(pools, {"fd01:203:405::/64"}, AF_INET6),
            "fd01:203:405:1::/64");
}

TEST(ParseAddressPoolTest, RefusesNonsense) {
  for (const char* bad : {"", "10.0.0.0/8", "10.0.0.0/8 7", "10.0.0.0/8 33",
                          "10.0.0.0 16", "10.0.0.0/8 x"}) {
    EXPECT_FALSE(ParseAddressPool(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace tug::netd
