// SPDX-License-Identifier: Apache-2.0
#include "services/netd/addresses/address_allocator.h"

#include "gtest/gtest.h"
#include "lib/testing/status_matchers.h"

namespace tug::netd {
namespace {

using netlink::IpAddress;
using netlink::IpPrefix;

AddressAllocator Make(const char* subnet, const char* range) {
  return AddressAllocator(*IpPrefix::Parse(subnet), *IpPrefix::Parse(range));
}

std::string Next(AddressAllocator& allocator) {
  const auto address = allocator.Allocate();
  return address.ok() ? address->ToString() : StatusReason(address.status());
}

TEST(AddressAllocatorTest, GoesOnAfterTheLastOne) {
  AddressAllocator allocator = Make("10.0.0.0/29", "10.0.0.0/29");
  ASSERT_THAT(allocator.Take(*IpAddress::Parse("10.0.0.1")), IsOk());
  EXPECT_EQ(Next(allocator), "10.0.0.2");
  allocator.Release(*IpAddress::Parse("10.0.0.2"));
  EXPECT_EQ(Next(allocator), "10.0.0.3");
  EXPECT_EQ(Next(allocator), "10.0.0.4");
  EXPECT_EQ(Next(allocator), "10.0.0.5");
  EXPECT_EQ(Next(allocator), "10.0.0.6");
  EXPECT_EQ(Next(allocator), "10.0.0.2");
  EXPECT_EQ(Next(allocator), "POOL_EXHAUSTED");
}

TEST(AddressAllocatorTest, StaysInsideTheRange) {
  AddressAllocator allocator = Make("10.0.0.0/16", "10.0.4.0/31");
  EXPECT_EQ(Next(allocator), "10.0.4.0");
  EXPECT_EQ(Next(allocator), "10.0.4.1");
  EXPECT_EQ(Next(allocator), "POOL_EXHAUSTED");
  EXPECT_THAT(allocator.Take(*IpAddress::Parse("10.0.9.9")), IsOk());
}

TEST(AddressAllocatorTest, RefusesWhatNoHostCanHave) {
  AddressAllocator allocator = Make("10.0.0.0/24", "10.0.0.0/24");
  for (const char* bad : {"10.0.0.0", "10.0.0.255", "10.0.1.1", "fd00::1"}) {
    EXPECT_THAT(allocator.Take(*IpAddress::Parse(bad)),
                HasReason("ENDPOINT_INVALID"))
        << bad;
  }
  const IpAddress good = *IpAddress::Parse("10.0.0.7");
  EXPECT_THAT(allocator.Take(good), IsOk());
  EXPECT_THAT(allocator.Take(good), HasReason("ADDRESS_TAKEN"));
}

TEST(AddressAllocatorTest, ServesTinyAndHugeSubnets) {
  AddressAllocator one = Make("10.0.0.9/32", "10.0.0.9/32");
  EXPECT_EQ(Next(one), "10.0.0.9");
  EXPECT_EQ(Next(one), "POOL_EXHAUSTED");
  AddressAllocator v6 = Make("fd00:1::/64", "fd00:1::/64");
  EXPECT_EQ(Next(v6), "fd00:1::1");
  EXPECT_EQ(Next(v6), "fd00:1::2");
}

TEST(DefaultGatewayTest, IsTheFirstHostOfTheRange) {
  const auto gateway = [](const char* subnet, const char* range) {
    return DefaultGateway(*IpPrefix::Parse(subnet), *IpPrefix::Parse(range))
        .ToString();
  };
  EXPECT_EQ(gateway("10.0.0.0/16", "10.0.0.0/16"), "10.0.0.1");
  EXPECT_EQ(gateway("10.0.0.0/16", "10.0.4.0/24"), "10.0.4.0");
  EXPECT_EQ(gateway("10.0.0.0/32", "10.0.0.0/32"), "10.0.0.0");
  EXPECT_EQ(gateway("fd00::/64", "fd00::/64"), "fd00::1");
}

}  // namespace
}  // namespace tug::netd
