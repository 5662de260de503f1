// SPDX-License-Identifier: Apache-2.0
//
// What is reachable from where, and what a restart keeps.
#include "services/netd/engine/engine_fixture.h"

namespace tug::netd {
namespace {

TEST_F(EngineTest, NetworksAreApartAndInternalOnesCutOff) {
  MakeNetwork("a");
  MakeNetwork("b");
  MakeNetwork("inside", [](auto& r) { r.set_internal(true); });
  const Container one = Run(Ask("one", {"a"}));
  const Container two = Run(Ask("two", {"b"}));
  const Container both = Run(Ask("both", {"a", "inside"}));
  const Container shut = Run(Ask("shut", {"inside"}));
  const UniqueFd server = Listen(one.ns, 80);
  EXPECT_TRUE(Reaches(both.ns, one.address(), 80, server));
  EXPECT_FALSE(Reaches(two.ns, one.address(), 80, server));
  EXPECT_FALSE(Reaches(shut.ns, one.address(), 80, server));
  const UniqueFd outside = BindUdp(neighbour_, 7000);
  EXPECT_EQ(AskUdp(shut.ns, kNeighbourAddress, 7000, outside), "");
  const UniqueFd within = Listen(shut.ns, 80);
  EXPECT_TRUE(Reaches(both.ns, shut.address(), 80, within));
}

TEST_F(EngineTest, ContainersOfANetworkWithoutIccAreApart) {
  MakeNetwork("quiet", [](auto& r) {
    (*r.mutable_options())["com.docker.network.bridge.enable_icc"] = "false";
  });
  auto request = Ask("one", {"quiet"});
  Publish(request, "tcp", 80, 8080);
  const Container one = Run(request);
  const Container two = Run(Ask("two", {"quiet"}));
  const UniqueFd server = Listen(one.ns, 80);
  EXPECT_FALSE(Reaches(two.ns, one.address(), 80, server));
  EXPECT_TRUE(Reaches(two.ns, kHostAddress, 8080, server));
}

TEST_F(EngineTest, NamesAreResolvedOnUserDefinedNetworks) {
  MakeNetwork("front");
  MakeNetwork("inside", [](auto& r) { r.set_internal(true); });
  auto request = Ask("web", {"front"});
  request.mutable_endpoints(0)->mutable_aliases()->add_values("www");
  const Container web = Run(request);
  const Container client = Run(Ask("client", {"front"}));
  const Container shut = Run(Ask("shut", {"inside"}));
  EXPECT_EQ(Resolve(client.ns, "web"), web.address());
  EXPECT_EQ(Resolve(client.ns, "www.front"), web.address());
  EXPECT_EQ(Resolve(client.ns, web.lease.substr(0, 12)), web.address());
  EXPECT_EQ(Resolve(shut.ns, "web"), "code 2");
  ASSERT_THAT(RenameSandbox(engine_->sandboxes(), web.lease, "renamed"),
              IsOk());
  EXPECT_EQ(Resolve(client.ns, "renamed"), web.address());
  // A container may serve port 53 itself.
  EXPECT_TRUE(BindUdp(client.ns, 53).valid());
}

TEST_F(EngineTest, ConnectAndDisconnectWorkOnRunningContainers) {
  MakeNetwork("front");
  auto request = Ask("web", {"bridge"});
  Publish(request, "tcp", 80, 8080);
  const Container web = Run(request);
  const Container client = Run(Ask("client", {"front"}));
  const UniqueFd server = Listen(web.ns, 80);
  network::v1::ConnectNetworkRequest join;
  join.set_lease(web.lease);
  join.set_network("front");
  const auto joined = ConnectNetwork(engine_->sandboxes(), join);
  ASSERT_THAT(joined, IsOk());
  EXPECT_THAT(ConnectNetwork(engine_->sandboxes(), join),
              HasReason("ENDPOINT_EXISTS"));
  EXPECT_EQ(Resolve(client.ns, "web"), joined->endpoints(1).ip_address());
  EXPECT_EQ(Resolve(web.ns, "client"), client.address());
  EXPECT_TRUE(Reaches(client.ns, "10.231.1.3", 80, server));
  network::v1::DisconnectNetworkRequest leave;
  leave.set_lease(web.lease);
  leave.set_network("bridge");
  ASSERT_THAT(DisconnectNetwork(engine_->sandboxes(), leave), IsOk());
  // The published port follows to the network that is left.
  EXPECT_TRUE(Reaches(neighbour_, kHostAddress, 8080, server));
  EXPECT_THAT(DisconnectNetwork(engine_->sandboxes(), leave),
              HasReason("ENDPOINT_UNKNOWN"));
}

TEST_F(EngineTest, ARestartKeepsWhatWasAttached) {
  MakeNetwork("front");
  auto request = Ask("web", {"front"});
  Publish(request, "tcp", 80, 0);
  const Container web = Run(request);
  const Container client = Run(Ask("client", {"front"}));
  const UniqueFd server = Listen(web.ns, 80);
  const uint16_t port = static_cast<uint16_t>(web.sandbox.ports(0).host_port());
  Restart();
  EXPECT_TRUE(Reaches(neighbour_, kHostAddress, port, server));
  EXPECT_FALSE(Listen(kHost, port).valid());
  auto found = engine_->sandboxes().catalog.Find(web.lease);
  EXPECT_FALSE(found->attached());
  EXPECT_EQ(found->ports(0).host_port(), port);
  EXPECT_EQ(Resolve(client.ns, "web"), "silence");
  for (const Container* one : {&web, &client}) {
    EXPECT_THAT(
        AdoptSandbox(engine_->sandboxes(), one->lease,
                     UniqueFd(fcntl(one->ns.get(), F_DUPFD_CLOEXEC, 0))),
        IsOk());
  }
  EXPECT_TRUE(engine_->sandboxes().catalog.Find(web.lease)->attached());
  EXPECT_EQ(Resolve(client.ns, "web"), web.address());
  const Container third = Run(Ask("third", {"front"}));
  EXPECT_NE(third.address(), web.address());
  EXPECT_NE(third.address(), client.address());
  EXPECT_THAT(AdoptSandbox(engine_->sandboxes(), web.lease,
                           UniqueFd(open("/dev/null", O_RDONLY | O_CLOEXEC))),
              HasReason("NAMESPACE_INVALID"));
}

TEST_F(EngineTest, DualStackNetworksPublishAndIsolateBothFamilies) {
  MakeNetwork("dual", [](auto& r) { r.set_enable_ipv6(true); });
  auto ask = Ask("web", {"dual"});
  Publish(ask, "tcp", 80, 8080);
  const Container web = Run(ask);
  const Container peer = Run(Ask("peer", {"dual"}));
  const Container other = Run(Ask("other", {"bridge"}));
  const std::string address = web.sandbox.endpoints(0).global_ipv6_address();
  ASSERT_TRUE(absl::StartsWith(address, "fd")) << address;
  const UniqueFd v4 = Listen(web.ns, 80);
  const UniqueFd v6 = Listen(web.ns, 81, AF_INET6);
  EXPECT_TRUE(Reaches(peer.ns, address, 81, v6));
  EXPECT_TRUE(Reaches(kHost, address, 81, v6));
  EXPECT_FALSE(Reaches(neighbour_, address, 81, v6));
  EXPECT_TRUE(Reaches(neighbour_, kHostAddress, 8080, v4));
  auto more = Ask("six", {"dual"});
  Publish(more, "tcp", 81, 8181);
  const Container six = Run(more);
  const UniqueFd published = Listen(six.ns, 81, AF_INET6);
  EXPECT_TRUE(Reaches(neighbour_, kHostAddress6, 8181, published));
  EXPECT_TRUE(Reaches(kHost, "::1", 8181, published));
  // A container without IPv6 is reached by the relay.
  auto plain = Ask("plain", {"bridge"});
  Publish(plain, "tcp", 80, 8282);
  const Container four = Run(plain);
  const UniqueFd old = Listen(four.ns, 80);
  EXPECT_TRUE(Reaches(neighbour_, kHostAddress6, 8282, old));
}

// issue 7, B24.
TEST_F(EngineTest, Ipv6NetworksHaveAddressesNamesAndPorts) {
  MakeNetwork("six", [](auto& r) {
    r.set_enable_ipv4(false);
    r.set_enable_ipv6(true);
    r.mutable_ipam()->add_pools()->set_subnet("2001:db8:6::/64");
  });
  auto ask = Ask("web", {"six"});
  ask.mutable_endpoints(0)->set_requested_ipv6("2001:db8:6::66");
  Publish(ask, "tcp", 80, 8086);
  const Container web = Run(ask);
  const auto& endpoint = web.sandbox.endpoints(0);
  EXPECT_EQ(endpoint.global_ipv6_address(), "2001:db8:6::66");
  EXPECT_EQ(endpoint.global_ipv6_prefix_length(), 64);
  EXPECT_EQ(endpoint.ipv6_gateway(), "2001:db8:6::1");
  EXPECT_EQ(endpoint.ip_address(), "");
  const Container peer = Run(Ask("peer", {"six"}));
  EXPECT_EQ(Resolve(peer.ns, "web", AF_INET6), "2001:db8:6::66");
  EXPECT_EQ(Resolve(peer.ns, "web"), "code 0");
  const UniqueFd server = Listen(web.ns, 80, AF_INET6);
  EXPECT_TRUE(Reaches(peer.ns, "2001:db8:6::66", 80, server));
  EXPECT_TRUE(Reaches(neighbour_, kHostAddress6, 8086, server));
  EXPECT_TRUE(Reaches(kHost, "::1", 8086, server));
  EXPECT_FALSE(Reaches(neighbour_, "2001:db8:6::66", 80, server));
  const UniqueFd outside = Listen(neighbour_, 93, AF_INET6);
  EXPECT_TRUE(Reaches(peer.ns, kNeighbourAddress6, 93, outside));
}

TEST_F(EngineTest, OtherNamesGoToTheServersThatTheUserNamed) {
  MakeNetwork("front");
  auto request = Ask("client", {"front"});
  request.mutable_dns()->mutable_servers()->add_values(kNeighbourAddress);
  const Container client = Run(request);
  const UniqueFd server = BindUdp(neighbour_, 53);
  std::string seen;
  std::thread answering([&] {
    pollfd ready = {server.get(), POLLIN, 0};
    char message[512];
    sockaddr_in from;
    socklen_t size = sizeof(from);
    if (poll(&ready, 1, 2000) != 1) return;
    const ssize_t got = recvfrom(server.get(), message, sizeof(message), 0,
                                 reinterpret_cast<sockaddr*>(&from), &size);
    seen.assign(message + 13, 7);
    message[2] = static_cast<char>(message[2] | 0x80);
    message[3] = 3;  // No such name.
    sendto(server.get(), message, static_cast<size_t>(got), 0,
           reinterpret_cast<sockaddr*>(&from), size);
  });
  EXPECT_EQ(Resolve(client.ns, "example.org"), "code 3");
  answering.join();
  EXPECT_EQ(seen, "example");
}

// issue 7, B22.
TEST_F(EngineTest, ANetworkMayBeMadeBetweenCreateAndStart) {
  const auto request = Ask("early", {"later"});
  ASSERT_THAT(ReserveSandbox(engine_->sandboxes(), request), IsOk());
  leases_.push_back(request.lease());
  EXPECT_THAT(AttachSandbox(engine_->sandboxes(), request.lease()),
              HasReason("NETWORK_UNKNOWN"));
  MakeNetwork("later");
  const auto attached = AttachSandbox(engine_->sandboxes(), request.lease());
  ASSERT_THAT(attached, IsOk());
  EXPECT_EQ(attached->sandbox.endpoints(0).network_id(),
            engine_->networks().catalog.Find("later")->id());
  network::v1::ConnectNetworkRequest again;
  again.set_lease(request.lease());
  again.set_network("later");
  EXPECT_THAT(ConnectNetwork(engine_->sandboxes(), again),
              HasReason("ENDPOINT_EXISTS"));
}

TEST_F(EngineTest, ModesNoneAndHostHaveNoInterfaces) {
  auto none = Ask("none", {});
  none.set_mode(network::v1::Sandbox::NONE);
  const Container alone = Run(none);
  EXPECT_TRUE(alone.ns.valid());
  auto host = Ask("host", {});
  host.set_mode(network::v1::Sandbox::HOST);
  const Container shared = Run(host);
  EXPECT_FALSE(shared.ns.valid());
  EXPECT_TRUE(shared.sandbox.attached());
  network::v1::ConnectNetworkRequest join;
  join.set_lease(alone.lease);
  join.set_network("bridge");
  EXPECT_THAT(ConnectNetwork(engine_->sandboxes(), join),
              HasReason("SANDBOX_SHARED"));
}

}  // namespace
}  // namespace tug::netd
