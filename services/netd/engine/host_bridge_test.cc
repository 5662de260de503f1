// SPDX-License-Identifier: Apache-2.0
//
// What belongs to the host stays the host's: its bridges, and its loopback.
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>

#include <cstdlib>
#include <cstring>

#include "lib/netlink/address.h"
#include "services/netd/engine/engine_fixture.h"
#include "services/netd/namespaces/network_namespace.h"

namespace tug::netd {
namespace {

using netlink::IpPrefix;

class HostBridgeTest : public EngineTest {
 protected:
  void PrepareHost() override {
    auto socket = netlink::Socket::Open(NETLINK_ROUTE);
    ASSERT_THAT(socket, IsOk());
    std::vector<netlink::Message> batch;
    batch.push_back(netlink::CreateBridge("lan0", netlink::RandomMac(), 1500));
    ASSERT_THAT(socket->Exchange(absl::MakeSpan(batch)), IsOk());
    const auto link = netlink::FindLink(*socket, "lan0");
    ASSERT_THAT(link, IsOk());
    batch.clear();
    batch.push_back(netlink::ChangeLink(link->index, {.up = true}));
    batch.push_back(netlink::AddAddress(link->index, address_));
    ASSERT_THAT(socket->Exchange(absl::MakeSpan(batch)), IsOk());
    ASSERT_THAT(WriteSysctl("ipv6/conf/lan0/accept_ra", "1"), IsOk());
  }

  void TearDown() override {
    auto socket = netlink::Socket::Open(NETLINK_ROUTE);
    if (engine_ != nullptr) {
      (void)RemoveNetwork(engine_->networks(), "lan");
      EXPECT_THAT(socket->Exchange(netlink::DeleteLink("lan0")), IsOk());
    }
    EngineTest::TearDown();
  }

  void ExpectAsBefore() {
    EXPECT_EQ(*ReadSysctl("ipv6/conf/lan0/disable_ipv6"), "0");
    EXPECT_EQ(*ReadSysctl("ipv6/conf/lan0/accept_ra"), "1");
    auto socket = netlink::Socket::Open(NETLINK_ROUTE);
    const auto link = netlink::FindLink(*socket, "lan0");
    ASSERT_THAT(link, IsOk());
    bool is_there = false;
    const auto addresses = netlink::ListAddresses(*socket);
    for (const auto& one : *addresses) {
      is_there =
          is_there || (one.link == link->index && one.prefix == address_);
    }
    EXPECT_TRUE(is_there);
  }

  const IpPrefix address_ = {*netlink::IpAddress::Parse("fd77::1"), 64};
};

// A host whose LAN is bridged is reached by these addresses (issue 7, A6).
TEST_F(HostBridgeTest, KeepsItsAddressesAndSettingsOfIpv6) {
  MakeNetwork("lan", [](auto& r) {
    (*r.mutable_options())["com.docker.network.bridge.name"] = "lan0";
  });
  ExpectAsBefore();
  Restart();
  ExpectAsBefore();
  ASSERT_THAT(RemoveNetwork(engine_->networks(), "lan"), IsOk());
  ExpectAsBefore();
}

// A frame of a container with CAP_NET_RAW, to the host's loopback.
void SendToLoopback(const UniqueFd& place, const std::string& from,
                    uint16_t port) {
  ASSERT_THAT(
      RunInNamespace(
          place,
          [&]() -> absl::Status {
            struct {
              iphdr ip = {};
              udphdr udp = {};
              char text[4] = {'p', 'i', 'n', 'g'};
            } __attribute__((packed)) frame;
            frame.ip.version = 4;
            frame.ip.ihl = 5;
            frame.ip.ttl = 64;
            frame.ip.protocol = IPPROTO_UDP;
            frame.ip.tot_len = htons(sizeof(frame));
            inet_pton(AF_INET, from.c_str(), &frame.ip.saddr);
            inet_pton(AF_INET, "127.0.0.1", &frame.ip.daddr);
            uint16_t words[sizeof(iphdr) / 2];
            std::memcpy(words, &frame.ip, sizeof(words));
            uint32_t sum = 0;
            for (const uint16_t word : words) sum += word;
            while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
            frame.ip.check = static_cast<uint16_t>(~sum);
            frame.udp.source = htons(5555);
            frame.udp.dest = htons(port);
            frame.udp.len = htons(sizeof(frame) - sizeof(iphdr));
            const UniqueFd raw(socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
            sockaddr_ll to = {};
            to.sll_family = AF_PACKET;
            to.sll_protocol = htons(ETH_P_IP);
            to.sll_ifindex = static_cast<int>(if_nametoindex("eth0"));
            to.sll_halen = ETH_ALEN;
            std::memset(to.sll_addr, 0xff, ETH_ALEN);
            const ssize_t sent =
                sendto(raw.get(), &frame, sizeof(frame), 0,
                       reinterpret_cast<sockaddr*>(&to), sizeof(to));
            return sent == ssize_t{sizeof(frame)}
                       ? absl::OkStatus()
                       : absl::InternalError("cannot send a frame");
          }),
      IsOk());
}

bool HasArrived(const UniqueFd& server) {
  pollfd one = {server.get(), POLLIN, 0};
  char buffer[64];
  return poll(&one, 1, 1000) == 1 &&
         recv(server.get(), buffer, sizeof(buffer), MSG_DONTWAIT) > 0;
}

// Also while a table stands in the place of ours that lacks the bridge.
TEST_F(EngineTest, TheLoopbackIsShutToABridgeThatTheTableDoesNotKnow) {
  ASSERT_TRUE(IsOwnNamespace());
  const Container one = Run(Ask("one", {"bridge"}));
  const UniqueFd server = BindUdp(kHost, 7778);
  ASSERT_EQ(system("/usr/sbin/nft delete element ip tugtest bridges "
                   "'{ tugtest0 }'"),
            0);
  SendToLoopback(one.ns, one.address(), 7778);
  EXPECT_FALSE(HasArrived(server));
  // Without the rule it would have come through.
  ASSERT_EQ(system("/usr/sbin/nft flush chain ip tugtest from_bridges"), 0);
  SendToLoopback(one.ns, one.address(), 7778);
  EXPECT_TRUE(HasArrived(server));
  EXPECT_THAT(engine_->firewall().Restore(), IsOk());
  SendToLoopback(one.ns, one.address(), 7778);
  EXPECT_FALSE(HasArrived(server));
}

// `nft list ruleset` into a file, and `nft -f` of it a week later.
TEST_F(EngineTest, AReloadOfSavedRulesLeavesNetworksAndPortsAsTheyAre) {
  ASSERT_TRUE(IsOwnNamespace());
  const std::string saved = directory_.path() + "/saved.nft";
  ASSERT_EQ(
      system(("(echo flush ruleset; /usr/sbin/nft list ruleset) > " + saved)
                 .c_str()),
      0);
  MakeNetwork("late");
  auto request = Ask("web", {"late"});
  Publish(request, "tcp", 80, 8080);
  const Container web = Run(request);
  const UniqueFd inside = Listen(web.ns, 80);
  const UniqueFd outside = Listen(neighbour_, 91);
  ASSERT_EQ(system(("/usr/sbin/nft -f " + saved).c_str()), 0);
  const absl::Time deadline = absl::Now() + absl::Seconds(10);
  bool gets_out = false;
  while (!gets_out && absl::Now() < deadline) {
    gets_out = Reaches(web.ns, kNeighbourAddress, 91, outside);
  }
  EXPECT_TRUE(gets_out);
  EXPECT_TRUE(Reaches(neighbour_, kHostAddress, 8080, inside));
}

}  // namespace
}  // namespace tug::netd
