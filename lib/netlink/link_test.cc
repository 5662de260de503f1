// SPDX-License-Identifier: Apache-2.0
//
// In a network namespace of its own; nothing outside is touched.
#include "lib/netlink/link.h"

#include <linux/netlink.h>
#include <sched.h>

#include <cstdlib>
#include <vector>

#include "gtest/gtest.h"
#include "lib/netlink/address.h"
#include "lib/netlink/neighbour.h"
#include "lib/netlink/route.h"

namespace tug::netlink {
namespace {

class LinkTest : public testing::Test {
 protected:
  void SetUp() override {
    if (std::getenv("TUG_TEST_PRIVILEGED") == nullptr) GTEST_SKIP();
    ASSERT_EQ(unshare(CLONE_NEWNET), 0);
    auto opened = Socket::Open(NETLINK_ROUTE);
    ASSERT_TRUE(opened.ok()) << opened.status();
    socket_ = std::move(*opened);
  }
  Socket socket_;
};

TEST_F(LinkTest, OneBatchWiresABridge) {
  const absl::Status made =
      socket_.Exchange(CreateBridge("br0", RandomMac(), 1400));
  ASSERT_TRUE(made.ok()) << made;
  const int bridge = FindLink(socket_, "br0")->index;
  std::vector<Message> batch;
  batch.push_back(ChangeLink(bridge, {.up = true}));
  batch.push_back(AddAddress(bridge, *IpPrefix::Parse("10.9.0.1/24")));
  batch.push_back(CreateVeth({.name = "near",
                              .peer_name = "far",
                              .peer_mac = RandomMac(),
                              .mtu = 1400,
                              .master = bridge}));
  batch.push_back(ChangeLink("near", {.no_address_generation = true}));
  batch.push_back(ChangeLink("near", {.up = true}));
  batch.push_back(
      SetNeighbour(bridge, *IpAddress::Parse("10.9.0.2"), RandomMac()));
  batch.push_back(SetDefaultRoute(*IpAddress::Parse("10.9.0.7"), bridge));
  const absl::Status status = socket_.Exchange(absl::MakeSpan(batch));
  ASSERT_TRUE(status.ok()) << status;
  const LinkInfo near = *FindLink(socket_, "near");
  EXPECT_EQ(near.kind, "veth");
  EXPECT_EQ(near.master, bridge);
  EXPECT_TRUE(near.up);
  const absl::Status port =
      socket_.Exchange(ChangeBridgePort(near.index, {.isolated = true}));
  EXPECT_TRUE(port.ok()) << port;
  EXPECT_EQ(ListAddresses(socket_)->size(), 1u);
  EXPECT_EQ(ListRoutes(socket_)->size(), 2u);
}

TEST_F(LinkTest, FailuresNameTheOperands) {
  EXPECT_EQ(FindLink(socket_, "nowhere").status().code(),
            absl::StatusCode::kNotFound);
  const absl::Status status =
      socket_.Exchange(AddAddress(99, *IpPrefix::Parse("10.9.0.1/24")));
  EXPECT_NE(status.message().find("10.9.0.1/24 to link 99"), std::string::npos)
      << status;
}

}  // namespace
}  // namespace tug::netlink
