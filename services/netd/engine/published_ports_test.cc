// SPDX-License-Identifier: Apache-2.0
//
// Published ports, and what leaves the host.
#include "services/netd/engine/engine_fixture.h"

namespace tug::netd {
namespace {

TEST_F(EngineTest, PublishedTcpPortsAreReachableAndOthersAreNot) {
  auto request = Ask("web", {"bridge"});
  Publish(request, "tcp", 80, 8080);
  const Container web = Run(request);
  const Container peer = Run(Ask("peer", {"bridge"}));
  const UniqueFd open = Listen(web.ns, 80);
  const UniqueFd closed = Listen(web.ns, 81);
  EXPECT_TRUE(Reaches(kHost, "127.0.0.1", 8080, open));
  EXPECT_TRUE(Reaches(kHost, kHostAddress, 8080, open));
  EXPECT_TRUE(Reaches(kHost, web.address(), 81, closed));
  EXPECT_TRUE(Reaches(kHost, "::1", 8080, open));
  EXPECT_TRUE(Reaches(neighbour_, kHostAddress, 8080, open));
  // Hairpin: a container, and the very same one, by the host's address.
  EXPECT_TRUE(Reaches(peer.ns, kHostAddress, 8080, open));
  EXPECT_TRUE(Reaches(web.ns, kHostAddress, 8080, open));
  EXPECT_TRUE(Reaches(peer.ns, web.address(), 81, closed));
  // Direct routing, to a published and to an unpublished port.
  EXPECT_FALSE(Reaches(neighbour_, web.address(), 80, open));
  EXPECT_FALSE(Reaches(neighbour_, web.address(), 81, closed));
  EXPECT_FALSE(Reaches(neighbour_, kHostAddress, 81, closed));
}

// Whether bridged frames pass the IP firewall is another engine's choice.
TEST_F(EngineTest, HairpinsWorkWithoutBridgeNetfilter) {
  const absl::Status off = WriteSysctl("bridge/bridge-nf-call-iptables", "0");
  if (absl::IsNotFound(off)) GTEST_SKIP();
  Restart();
  MakeNetwork("quiet", [](auto& r) {
    (*r.mutable_options())["com.docker.network.bridge.enable_icc"] = "false";
  });
  auto request = Ask("web", {"quiet"});
  Publish(request, "tcp", 80, 8080);
  const Container web = Run(request);
  const Container peer = Run(Ask("peer", {"quiet"}));
  auto other = Ask("open", {"bridge"});
  Publish(other, "tcp", 80, 8081);
  const Container open = Run(other);
  const UniqueFd quiet_server = Listen(web.ns, 80);
  const UniqueFd open_server = Listen(open.ns, 80);
  EXPECT_TRUE(Reaches(peer.ns, kHostAddress, 8080, quiet_server));
  EXPECT_FALSE(Reaches(peer.ns, web.address(), 80, quiet_server));
  EXPECT_TRUE(Reaches(open.ns, kHostAddress, 8081, open_server));
  EXPECT_TRUE(Reaches(peer.ns, kHostAddress, 8081, open_server));
}

TEST_F(EngineTest, LoopbackPortsStayOnTheHost) {
  auto request = Ask("web", {"bridge"});
  Publish(request, "tcp", 80, 8080, "127.0.0.1");
  const Container web = Run(request);
  const Container peer = Run(Ask("peer", {"bridge"}));
  const UniqueFd open = Listen(web.ns, 80);
  const UniqueFd service = Listen(kHost, 9090);
  EXPECT_TRUE(Reaches(kHost, "127.0.0.1", 8080, open));
  EXPECT_FALSE(Reaches(neighbour_, kHostAddress, 8080, open));
  EXPECT_FALSE(Reaches(neighbour_, "127.0.0.1", 8080, open));
  EXPECT_FALSE(Reaches(neighbour_, "127.0.0.1", 9090, service));
  EXPECT_FALSE(Reaches(peer.ns, kHostAddress, 8080, open));
}

TEST_F(EngineTest, PublishedUdpPortsAnswer) {
  auto request = Ask("dns", {"bridge"});
  Publish(request, "udp", 53, 5353);
  const Container dns = Run(request);
  const UniqueFd server = BindUdp(dns.ns, 53);
  EXPECT_NE(AskUdp(kHost, "127.0.0.1", 5353, server), "");
  EXPECT_EQ(AskUdp(neighbour_, kHostAddress, 5353, server), kNeighbourAddress);
}

// The address may be somebody else's the moment after.
TEST_F(EngineTest, UdpFlowsEndWithThePublishedPort) {
  auto request = Ask("dns", {"bridge"});
  Publish(request, "udp", 53, 5353);
  const Container dns = Run(request);
  const UniqueFd server = BindUdp(dns.ns, 53);
  // One flow all the time: one port of the neighbour's.
  const UniqueFd client = BindUdp(neighbour_, 7001);
  EXPECT_TRUE(SendUdp(client, kHostAddress, 5353, server));
  EXPECT_TRUE(SendUdp(client, kHostAddress, 5353, server));
  ASSERT_THAT(DetachSandbox(engine_->sandboxes(), request.lease()), IsOk());
  engine_->sandboxes().worker.Drain();
  EXPECT_FALSE(SendUdp(client, kHostAddress, 5353, server));
}

TEST_F(EngineTest, OutgoingTrafficIsMasqueraded) {
  const Container one = Run(Ask("one", {"bridge"}));
  const UniqueFd server = BindUdp(neighbour_, 7000);
  EXPECT_EQ(AskUdp(one.ns, kNeighbourAddress, 7000, server), kHostAddress);
}

TEST_F(EngineTest, APortThatIsTakenFailsTheAttachAndLeavesNothing) {
  auto request = Ask("web", {"bridge"});
  Publish(request, "tcp", 80, 8080);
  UniqueFd holder = Listen(kHost, 8080);
  ASSERT_THAT(ReserveSandbox(engine_->sandboxes(), request), IsOk());
  leases_.push_back(request.lease());
  EXPECT_THAT(AttachSandbox(engine_->sandboxes(), request.lease()),
              HasReason("PORT_TAKEN"));
  EXPECT_EQ(engine_->networks().catalog.Find("bridge")->endpoints_size(), 0);
  holder.reset();
  EXPECT_THAT(AttachSandbox(engine_->sandboxes(), request.lease()), IsOk());
  ASSERT_THAT(DetachSandbox(engine_->sandboxes(), request.lease()), IsOk());
  EXPECT_TRUE(Listen(kHost, 8080).valid());
}

}  // namespace
}  // namespace tug::netd
