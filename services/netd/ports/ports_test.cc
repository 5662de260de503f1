// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "gtest/gtest.h"
#include "lib/testing/status_matchers.h"
#include "services/netd/ports/port_binder.h"
#include "services/netd/ports/port_plan.h"
#include "services/netd/ports/published_ports.h"
#include "services/netd/ports/relay.h"

namespace tug::netd {
namespace {

using netlink::IpAddress;
using network::v1::Sandbox;

const IpAddress kLoopback = *IpAddress::Parse("127.0.0.1");

// A socket on a free loopback port, and that port.
std::pair<UniqueFd, uint16_t> Serve(int type, int flags = 0) {
  UniqueFd fd(socket(AF_INET, type | flags | SOCK_CLOEXEC, 0));
  sockaddr_storage address;
  socklen_t size = netlink::ToSockaddr(kLoopback, 0, address);
  EXPECT_EQ(bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  if (type == SOCK_STREAM) listen(fd.get(), 1);
  getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size);
  return {std::move(fd),
          ntohs(reinterpret_cast<sockaddr_in*>(&address)->sin_port)};
}

UniqueFd Dial(int type, uint16_t port) {
  UniqueFd fd(socket(AF_INET, type | SOCK_CLOEXEC, 0));
  sockaddr_storage address;
  const socklen_t size = netlink::ToSockaddr(kLoopback, port, address);
  EXPECT_EQ(connect(fd.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  return fd;
}

bool MayOpen(rlim_t descriptors) {
  rlimit files = {};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return false;
  files.rlim_cur =
      std::max(files.rlim_cur, std::min(files.rlim_max, descriptors));
  return setrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur >= descriptors;
}

TEST(PlanPortsTest, RefusesNonsense) {
  struct Case {
    uint32_t container, first, last;
    const char *protocol, *host;
  };
  for (const Case& c :
       {Case{0, 80, 80, "tcp", ""}, Case{80, 70000, 0, "tcp", ""},
        Case{80, 90, 80, "tcp", ""}, Case{80, 0, 9, "tcp", ""},
        Case{80, 1, 1, "icmp", ""}, Case{80, 1, 1, "tcp", "x"}}) {
    Sandbox sandbox;
    auto* port = sandbox.add_requested_ports();
    port->set_container_port(c.container);
    port->set_host_port(c.first);
    port->set_host_port_end(c.last);
    port->set_protocol(c.protocol);
    port->set_host_ip(c.host);
    EXPECT_THAT(PlanPorts(sandbox), HasReason("ENDPOINT_INVALID"));
  }
}

TEST(PlanPortsTest, PublishAllAddsWhatIsExposed) {
  Sandbox sandbox;
  sandbox.set_publish_all(true);
  sandbox.add_requested_ports()->set_container_port(80);
  for (const char* port : {"80/tcp", "80/udp", "90-92"}) {
    sandbox.add_exposed_ports(port);
  }
  const auto wishes = PlanPorts(sandbox);
  ASSERT_THAT(wishes, IsOk());
  EXPECT_EQ(wishes->size(), 5u);
  sandbox.add_exposed_ports("1-65535/tcp");
  EXPECT_THAT(PlanPorts(sandbox), HasReason("ENDPOINT_INVALID"));
}

TEST(PortBinderTest, SeesPortsOfOtherProcesses) {
  const auto [listener, port] = Serve(SOCK_STREAM);
  PortBinder binder;
  PortWish wish;
  wish.protocol = IPPROTO_TCP;
  wish.container_port = 80;
  wish.first = wish.last = port;
  const auto bound = binder.Bind(wish, IpAddress());
  EXPECT_THAT(bound, HasReason("PORT_TAKEN"));
  EXPECT_EQ(StatusMetadata(bound.status()).at("port"), std::to_string(port));
}

TEST(PortBinderTest, TakesTheNextFreePortOfARange) {
  PortBinder binder;
  PortWish wish;
  wish.protocol = IPPROTO_UDP;
  wish.container_port = 53;
  wish.host = kLoopback;
  const auto any = binder.Bind(wish, IpAddress());
  ASSERT_THAT(any, IsOk());
  wish.first = (*any)[0].host_port;
  wish.last = static_cast<uint16_t>(wish.first + 50);
  const auto next = binder.Bind(wish, IpAddress());
  ASSERT_THAT(next, IsOk());
  EXPECT_GT((*next)[0].host_port, wish.first);
}

TEST(RelayTest, CarriesTcpBothWaysAndHalfCloses) {
  auto relay = Relay::Start();
  ASSERT_THAT(relay, IsOk());
  const auto [server, server_port] = Serve(SOCK_STREAM);
  auto [front, front_port] = Serve(SOCK_STREAM, SOCK_NONBLOCK);
  const uint64_t id =
      (*relay)->Add(std::move(front), IPPROTO_TCP, {kLoopback, server_port});
  const UniqueFd client = Dial(SOCK_STREAM, front_port);
  const UniqueFd accepted(accept(server.get(), nullptr, nullptr));
  const std::string text(300'000, 'x');
  std::thread writer([&] {
    for (size_t sent = 0; sent < text.size();) {
      const ssize_t n =
          write(client.get(), text.data() + sent, text.size() - sent);
      if (n <= 0) return;
      sent += static_cast<size_t>(n);
    }
    shutdown(client.get(), SHUT_WR);
  });
  size_t received = 0;
  char buffer[4096];
  for (ssize_t n; (n = read(accepted.get(), buffer, sizeof(buffer))) > 0;) {
    received += static_cast<size_t>(n);
  }
  writer.join();
  EXPECT_EQ(received, text.size());
  ASSERT_EQ(write(accepted.get(), "ok", 2), 2);
  shutdown(accepted.get(), SHUT_WR);
  EXPECT_EQ(recv(client.get(), buffer, 2, MSG_WAITALL), 2);
  EXPECT_EQ(read(client.get(), buffer, sizeof(buffer)), 0);
  (*relay)->Remove(id);
}

// Connections that say nothing, as many as the relay has room for and more
// (issue 7, A6).
TEST(RelayTest, TheIdleConnectionsOfOnePortLeaveTheOthersTheirs) {
  // Each flow has six descriptors, and its client one more.
  if (!MayOpen(9 * Relay::kMaxFlows)) GTEST_SKIP() << "few descriptors";
  auto relay = Relay::Start();
  ASSERT_THAT(relay, IsOk());
  const auto [idle_server, idle_port] = Serve(SOCK_STREAM);
  const auto [server, server_port] = Serve(SOCK_STREAM);
  ASSERT_EQ(listen(idle_server.get(), 4096), 0);
  auto [idle_front, idle_front_port] = Serve(SOCK_STREAM, SOCK_NONBLOCK);
  ASSERT_EQ(listen(idle_front.get(), 4096), 0);
  auto [front, front_port] = Serve(SOCK_STREAM, SOCK_NONBLOCK);
  (*relay)->Add(std::move(idle_front), IPPROTO_TCP, {kLoopback, idle_port});
  (*relay)->Add(std::move(front), IPPROTO_TCP, {kLoopback, server_port});
  std::vector<UniqueFd> idle;
  for (size_t i = 0; i < Relay::kMaxFlows + 10; ++i) {
    idle.push_back(Dial(SOCK_STREAM, idle_front_port));
    // All of them have been relayed when the last has.
    ASSERT_TRUE(UniqueFd(accept(idle_server.get(), nullptr, nullptr)).valid());
  }
  for (int i = 0; i < 3; ++i) {
    const UniqueFd client = Dial(SOCK_STREAM, front_port);
    ASSERT_EQ(write(client.get(), "hi", 2), 2);
    const timeval patience = {10, 0};
    setsockopt(server.get(), SOL_SOCKET, SO_RCVTIMEO, &patience,
               sizeof(patience));
    const UniqueFd accepted(accept(server.get(), nullptr, nullptr));
    ASSERT_TRUE(accepted.valid());
    char buffer[2];
    EXPECT_EQ(recv(accepted.get(), buffer, 2, MSG_WAITALL), 2);
  }
}

TEST(RelayClientTest, AnIpv6NetworkIsOneClientAndPortsAreApart) {
  const auto at = [](uint64_t port, const char* address) {
    sockaddr_storage from = {};
    netlink::ToSockaddr(*IpAddress::Parse(address), 1, from);
    return ClientAt(port, from);
  };
  EXPECT_EQ(at(1, "2001:db8::1"), at(1, "2001:db8::2"));
  EXPECT_NE(at(1, "2001:db8::1"), at(1, "2001:db8:0:1::1"));
  EXPECT_NE(at(1, "10.0.0.1"), at(1, "10.0.0.2"));
  EXPECT_NE(at(1, "10.0.0.1"), at(2, "10.0.0.1"));
}

TEST(RelayTest, TheSessionsOfOneUdpClientLeaveTheOthersTheirs) {
  UdpSessions sessions;
  const auto [server, server_port] = Serve(SOCK_DGRAM);
  sockaddr_storage target;
  const socklen_t size = netlink::ToSockaddr(kLoopback, server_port, target);
  const auto [first, first_port] = Serve(SOCK_DGRAM, SOCK_NONBLOCK);
  const auto [second, second_port] = Serve(SOCK_DGRAM, SOCK_NONBLOCK);
  if (!MayOpen(3 * UdpSessions::kMaxSessions)) {
    GTEST_SKIP() << "few descriptors";
  }
  std::vector<UniqueFd> clients;
  const auto watch = [](UdpSessions::Session&) {};
  for (size_t i = 0; i < UdpSessions::kMaxSessions + 10; ++i) {
    clients.push_back(Dial(SOCK_DGRAM, first_port));
    ASSERT_EQ(send(clients.back().get(), "x", 1, 0), 1);
    sessions.FromClients(1, first.get(), target, size, watch);
  }
  const UniqueFd client = Dial(SOCK_DGRAM, second_port);
  ASSERT_EQ(send(client.get(), "x", 1, 0), 1);
  int watched = 0;
  sessions.FromClients(2, second.get(), target, size,
                       [&](UdpSessions::Session&) { ++watched; });
  EXPECT_EQ(watched, 1);
}

TEST(RelayTest, AnswersUdpClients) {
  auto relay = Relay::Start();
  ASSERT_THAT(relay, IsOk());
  const auto [server, server_port] = Serve(SOCK_DGRAM);
  auto [front, front_port] = Serve(SOCK_DGRAM, SOCK_NONBLOCK);
  (*relay)->Add(std::move(front), IPPROTO_UDP, {kLoopback, server_port});
  const UniqueFd client = Dial(SOCK_DGRAM, front_port);
  ASSERT_EQ(send(client.get(), "hi", 2, 0), 2);
  char buffer[16];
  sockaddr_storage from;
  socklen_t size = sizeof(from);
  ASSERT_EQ(recvfrom(server.get(), buffer, sizeof(buffer), 0,
                     reinterpret_cast<sockaddr*>(&from), &size),
            2);
  sendto(server.get(), "ho", 2, 0, reinterpret_cast<sockaddr*>(&from), size);
  EXPECT_EQ(recv(client.get(), buffer, sizeof(buffer), 0), 2);
}

TEST(PublishedPortsTest, DescribesBothFamiliesWithOnePort) {
  auto relay = Relay::Start();
  ASSERT_THAT(relay, IsOk());
  PortBinder binder;
  PortWish wish;
  wish.protocol = IPPROTO_TCP;
  wish.container_port = 80;
  PortTarget target;
  target.v4 = *IpAddress::Parse("10.9.9.9");
  auto ports =
      PublishedPorts::Open(binder, **relay, {wish}, IpAddress(), target);
  ASSERT_THAT(ports, IsOk());
  const auto described = ports->Describe();
  EXPECT_EQ(described[0].host_ip(), "0.0.0.0");
  if (described.size() == 2) {
    EXPECT_EQ(described[1].host_ip(), "::");
    EXPECT_EQ(described[1].host_port(), described[0].host_port());
  }
  // Only IPv4 is translated: the container has no IPv6.
  EXPECT_EQ(ports->Elements().size(), 1u);
  wish.first = wish.last = static_cast<uint16_t>(described[0].host_port());
  EXPECT_THAT(binder.Bind(wish, IpAddress()), HasReason("PORT_TAKEN"));
  ports->Close();
  EXPECT_THAT(binder.Bind(wish, IpAddress()), IsOk());
}

}  // namespace
}  // namespace tug::netd
