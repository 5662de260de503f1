// SPDX-License-Identifier: Apache-2.0
//
// The whole of netd on a host of the test's own: what is reachable from where.
#include "services/netd/engine/engine.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <poll.h>
#include <unistd.h>

#include <map>
#include <thread>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "lib/base/id.h"
#include "lib/netlink/link.h"
#include "lib/testing/privileged_test.h"
#include "lib/testing/status_matchers.h"
#include "lib/testing/temp_dir.h"
#include "services/netd/engine/neighbourhood.h"
#include "services/netd/networks/create_network.h"
#include "services/netd/networks/remove_network.h"
#include "services/netd/sandboxes/adopt_sandbox.h"
#include "services/netd/sandboxes/attach_sandbox.h"
#include "services/netd/sandboxes/connect_network.h"
#include "services/netd/sandboxes/detach_sandbox.h"
#include "services/netd/sandboxes/reserve_sandbox.h"
#include "services/netd/sysctl/sysctl.h"

namespace tug::netd {
namespace {

using network::v1::CreateNetworkRequest;
using network::v1::ReserveSandboxRequest;

const UniqueFd kHost;

struct Container {
  std::string lease;
  UniqueFd ns;
  network::v1::Sandbox sandbox;

  std::string address(int endpoint = 0) const {
    return sandbox.endpoints(endpoint).ip_address();
  }
};

class EngineTest : public PrivilegedTest {
 protected:
  void SetUp() override {
    PrivilegedTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    auto neighbour = BuildNeighbourhood();
    ASSERT_THAT(neighbour, IsOk());
    neighbour_ = *std::move(neighbour);
    Restart();
  }

  void TearDown() override {
    if (engine_ == nullptr) return;
    for (const std::string& lease : leases_) {
      EXPECT_THAT(ReleaseSandbox(engine_->sandboxes(), lease), IsOk());
    }
    for (const auto& network : engine_->networks().catalog.List()) {
      (void)RemoveNetwork(engine_->networks(), network.name());
    }
    ExpectNoLeak();
  }

  // Interfaces go with their namespaces, behind our back.
  void ExpectNoLeak() {
    const absl::Time deadline = absl::Now() + absl::Seconds(10);
    std::string left;
    do {
      absl::SleepFor(absl::Milliseconds(50));
      left.clear();
      auto socket = netlink::Socket::Open(NETLINK_ROUTE);
      const auto links = netlink::ListLinks(*socket);
      for (const auto& link : *links) {
        const bool pooled = link.master == 0;
        if (link.name == "lo" || link.name == "near" ||
            link.name == "tugtest0" || link.kind.empty() ||
            (absl::StartsWith(link.name, kHostInterfacePrefix) && pooled)) {
          continue;
        }
        left += link.name + " ";
      }
    } while (!left.empty() && absl::Now() < deadline);
    EXPECT_EQ(left, "");
  }

  void Restart() {
    engine_.reset();
    EngineOptions options;
    options.state_directory = directory_.path() + "/state";
    options.run_directory = directory_.path() + "/run";
    options.bridge_name = "tugtest0";
    options.table_name = "tugtest";
    options.address_pools = {"10.231.0.0/16 24"};
    options.namespace_pool_size = 2;
    auto engine = Engine::Start(options);
    ASSERT_THAT(engine, IsOk());
    engine_ = *std::move(engine);
  }

  void MakeNetwork(
      const std::string& name,
      const std::function<void(CreateNetworkRequest&)>& change = {}) {
    CreateNetworkRequest request;
    request.set_name(name);
    if (change) change(request);
    ASSERT_THAT(CreateNetwork(engine_->networks(), request), IsOk());
  }

  static ReserveSandboxRequest Ask(const std::string& name,
                                   const std::vector<std::string>& networks) {
    ReserveSandboxRequest request;
    request.set_lease(NewId());
    request.set_name(name);
    for (const std::string& network : networks) {
      request.add_endpoints()->set_network_name(network);
    }
    return request;
  }
  static void Publish(ReserveSandboxRequest& request, const char* protocol,
                      uint32_t port, uint32_t host_port,
                      const char* host = "") {
    auto* published = request.add_ports();
    published->set_protocol(protocol);
    published->set_container_port(port);
    published->set_host_port(host_port);
    published->set_host_ip(host);
  }
  Container Run(const ReserveSandboxRequest& request) {
    EXPECT_THAT(ReserveSandbox(engine_->sandboxes(), request), IsOk());
    leases_.push_back(request.lease());
    auto attached = AttachSandbox(engine_->sandboxes(), request.lease());
    EXPECT_THAT(attached, IsOk());
    if (!attached.ok()) return {};
    return {request.lease(), std::move(attached->ns), attached->sandbox};
  }

  const TempDir directory_;
  UniqueFd neighbour_;
  std::unique_ptr<Engine> engine_;
  std::vector<std::string> leases_;
};

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
  CreateNetworkRequest request;
  request.set_name("dual");
  request.set_enable_ipv6(true);
  EXPECT_THAT(CreateNetwork(engine_->networks(), request),
              HasReason("IPV6_FORWARDING_DISABLED"));
  ASSERT_THAT(WriteSysctl("ipv6/conf/all/forwarding", "1"), IsOk());
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
