// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/ip.h"

#include <sys/socket.h>

#include "gtest/gtest.h"
#include "lib/netlink/link.h"

namespace tug::netlink {
namespace {

TEST(IpPrefixTest, ParsesAndRefuses) {
  EXPECT_EQ(IpPrefix::Parse("10.1.2.3/8")->ToString(), "10.1.2.3/8");
  EXPECT_EQ(IpPrefix::Parse("fd00::1/64")->Masked().ToString(), "fd00::/64");
  for (const char* bad : {"", "/", "10.0.0.0", "10.0.0.0/33", "10.0.0.0/-1",
                          "10.0.0.0/+8", "10.0.0/8", "fd00::/129", "::/ 1"}) {
    EXPECT_FALSE(IpPrefix::Parse(bad).ok()) << bad;
  }
}

TEST(IpPrefixTest, KnowsOverlap) {
  const IpPrefix wide = *IpPrefix::Parse("172.16.0.0/12");
  const IpPrefix narrow = *IpPrefix::Parse("172.17.5.0/24");
  EXPECT_TRUE(wide.Overlaps(narrow));
  EXPECT_TRUE(narrow.Overlaps(wide));
  EXPECT_FALSE(narrow.Contains(wide));
  EXPECT_FALSE(wide.Overlaps(*IpPrefix::Parse("172.32.0.0/16")));
  EXPECT_FALSE(wide.Overlaps(*IpPrefix::Parse("::/0")));
  EXPECT_EQ(narrow.Last().ToString(), "172.17.5.255");
}

TEST(IpAddressTest, NumberRoundTrips) {
  for (const char* text : {"0.0.0.0", "172.17.0.2", "fd00:1::ff", "::"}) {
    const IpAddress address = *IpAddress::Parse(text);
    EXPECT_EQ(IpAddress::FromNumber(address.family(), address.number()),
              address);
    EXPECT_EQ(address.ToString(), text);
  }
}

TEST(MacTest, ParsesUnicastOnly) {
  EXPECT_EQ(ToString(*ParseMac("02:42:AC:11:00:02")), "02:42:ac:11:00:02");
  for (const char* bad : {"", "02:42:ac:11:00", "02:42:ac:11:00:0g",
                          "01:00:5e:00:00:01", "02:42:ac:11:00:021"}) {
    EXPECT_FALSE(ParseMac(bad).ok()) << bad;
  }
  EXPECT_EQ(RandomMac()[0] & 3, 2);
}

TEST(LinkNameTest, FollowsTheKernel) {
  EXPECT_TRUE(IsLinkName("br-0123456789ab"));
  for (const char* bad : {"", ".", "a b", "a/b", "a:b", "0123456789abcdef"}) {
    EXPECT_FALSE(IsLinkName(bad)) << bad;
  }
}

}  // namespace
}  // namespace tug::netlink
