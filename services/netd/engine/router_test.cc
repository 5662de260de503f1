// SPDX-License-Identifier: Apache-2.0
//
// The host forwards for containers, and is nobody else's router (issue 7, A6):
// two neighbours on two links of it, each with its default route through it.
#include <sys/socket.h>

#include <cstdlib>

#include "absl/strings/str_join.h"
#include "services/netd/engine/engine_fixture.h"
#include "services/netd/firewall/forward_policy.h"

namespace tug::netd {
namespace {

constexpr char kSecondAddress[] = "198.51.100.2";
constexpr char kSecondAddress6[] = "2001:db8:51::2";

class RouterTest : public EngineTest {
 protected:
  void PrepareHost() override {
    auto second = AddNeighbour({.link = "near2",
                                .host_v4 = "198.51.100.1",
                                .host_v6 = "2001:db8:51::1",
                                .v4 = kSecondAddress,
                                .v6 = kSecondAddress6});
    ASSERT_THAT(second, IsOk());
    second_ = *std::move(second);
  }

  bool FirstReachesSecond(int family = AF_INET) {
    const UniqueFd server = Listen(second_, 90, family);
    return Reaches(neighbour_,
                   family == AF_INET ? kSecondAddress : kSecondAddress6, 90,
                   server);
  }

  // That containers have what they need of the host.
  void ExpectContainersWork() {
    auto request = Ask("web", {"bridge"});
    Publish(request, "tcp", 80, 8080);
    const Container web = Run(request);
    const UniqueFd open = Listen(web.ns, 80);
    EXPECT_TRUE(Reaches(neighbour_, kHostAddress, 8080, open));
    const UniqueFd server = Listen(second_, 91);
    EXPECT_TRUE(Reaches(web.ns, kSecondAddress, 91, server));
    ASSERT_THAT(ReleaseSandbox(engine_->sandboxes(), web.lease), IsOk());
  }

  static void Setting(const char* path, const char* value) {
    ASSERT_THAT(WriteSysctl(path, value), IsOk());
  }

  // Everything that drops forwarded packets by its policy.
  static bool IsGuarded(const char* family) {
    const auto drops = FindForwardDrops("");
    return drops.ok() && absl::StrContains(absl::StrJoin(*drops, ","), family);
  }

  UniqueFd second_;
};

TEST_F(RouterTest, NeighboursDoNotReachEachOther) {
  EXPECT_EQ(*ReadSysctl("ipv4/ip_forward"), "1");
  EXPECT_EQ(*ReadSysctl("ipv6/conf/all/forwarding"), "0");
  EXPECT_FALSE(FirstReachesSecond());
  ExpectContainersWork();
  Restart();
  EXPECT_FALSE(FirstReachesSecond());
}

TEST_F(RouterTest, Ipv6IsTurnedOnWithTheFirstNetworkThatNeedsIt) {
  Setting("ipv6/conf/near/accept_ra", "1");
  Setting("ipv6/conf/near2/accept_ra", "0");
  MakeNetwork("inside", [](auto& r) {
    r.set_internal(true);
    r.set_enable_ipv6(true);
  });
  EXPECT_EQ(*ReadSysctl("ipv6/conf/all/forwarding"), "0");
  MakeNetwork("dual", [](auto& r) { r.set_enable_ipv6(true); });
  EXPECT_EQ(*ReadSysctl("ipv6/conf/all/forwarding"), "1");
  // A router learns from routers only where it is told to.
  EXPECT_EQ(*ReadSysctl("ipv6/conf/near/accept_ra"), "2");
  EXPECT_EQ(*ReadSysctl("ipv6/conf/near2/accept_ra"), "0");
  EXPECT_FALSE(FirstReachesSecond(AF_INET6));
  const Container one = Run(Ask("one", {"dual"}));
  const UniqueFd server = Listen(second_, 92, AF_INET6);
  EXPECT_TRUE(Reaches(one.ns, kSecondAddress6, 92, server));
}

// A firewall of the host's own, whose reload takes away every table.
TEST_F(RouterTest, AReloadOfTheHostsFirewallOpensNothing) {
  ASSERT_TRUE(IsOwnNamespace());
  const std::string firewall =
      "add table inet host; "
      "add chain inet host forward { type filter hook forward priority 0 ; }; "
      "add rule inet host forward ct state invalid drop";
  ASSERT_EQ(system(("/usr/sbin/nft '" + firewall + "'").c_str()), 0);
  EXPECT_FALSE(FirstReachesSecond());
  ExpectContainersWork();
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(
        system(("/usr/sbin/nft 'flush ruleset; " + firewall + "'").c_str()), 0);
    const absl::Time deadline = absl::Now() + absl::Seconds(10);
    while (!IsGuarded("ip tugtest") && absl::Now() < deadline) {
      absl::SleepFor(absl::Milliseconds(5));
    }
    EXPECT_FALSE(FirstReachesSecond());
  }
  ExpectContainersWork();
}

class RoutingHostTest : public RouterTest {
 protected:
  void PrepareHost() override {
    RouterTest::PrepareHost();
    Setting("ipv4/ip_forward", "1");
  }
};

TEST_F(RoutingHostTest, WhatTheHostForwardsAlreadyIsLeftAlone) {
  EXPECT_TRUE(FirstReachesSecond());
  EXPECT_FALSE(IsGuarded("ip tugtest"));
  ExpectContainersWork();
  // The other family was off.
  MakeNetwork("dual", [](auto& r) { r.set_enable_ipv6(true); });
  EXPECT_FALSE(FirstReachesSecond(AF_INET6));
  Restart();
  EXPECT_TRUE(FirstReachesSecond());
  EXPECT_FALSE(FirstReachesSecond(AF_INET6));
}

// Forwarding by interface: the kernel asks the one by which a packet comes in.
class PartlyRoutingHostTest : public RouterTest {
 protected:
  void PrepareHost() override {
    RouterTest::PrepareHost();
    Setting("ipv4/conf/near/forwarding", "1");
    Setting("ipv4/conf/near2/forwarding", "1");
  }
};

TEST_F(PartlyRoutingHostTest, InterfacesThatForwardedGoOn) {
  EXPECT_TRUE(IsGuarded("ip tugtest"));
  EXPECT_TRUE(FirstReachesSecond());
  Restart();
  EXPECT_TRUE(FirstReachesSecond());
}

class NoForwardingTest : public RouterTest {
 protected:
  void PrepareHost() override {
    RouterTest::PrepareHost();
    ip_forward_ = false;
  }
};

TEST_F(NoForwardingTest, OffRefusesBothFamiliesAndNamesTheSysctl) {
  EXPECT_EQ(*ReadSysctl("ipv4/ip_forward"), "0");
  const Container one = Run(Ask("one", {"bridge"}));
  const Container two = Run(Ask("two", {"bridge"}));
  const UniqueFd server = Listen(two.ns, 80);
  EXPECT_TRUE(Reaches(one.ns, two.address(), 80, server));
  CreateNetworkRequest request;
  request.set_name("web");
  EXPECT_THAT(CreateNetwork(engine_->networks(), request),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       testing::HasSubstr("net.ipv4.ip_forward=1")));
  request.set_enable_ipv4(false);
  request.set_enable_ipv6(true);
  EXPECT_THAT(CreateNetwork(engine_->networks(), request),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       testing::HasSubstr("net.ipv6.conf.all.forwarding=1")));
  request.set_internal(true);
  EXPECT_THAT(CreateNetwork(engine_->networks(), request), IsOk());
  EXPECT_EQ(*ReadSysctl("ipv6/conf/all/forwarding"), "0");
}

}  // namespace
}  // namespace tug::netd
