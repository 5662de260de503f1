// SPDX-License-Identifier: Apache-2.0
#include "services/netd/dns/forwarder.h"

#include <sys/epoll.h>

#include <cstdint>
#include <map>
#include <string>

#include "gtest/gtest.h"

namespace tug::netd::dns {
namespace {

// Sandboxes whose name server does not answer: netd never gives a socket.
class ForwarderTest : public testing::Test, public Forwarder::Owner {
 protected:
  ForwarderTest()
      : events_(UniqueFd(epoll_create1(EPOLL_CLOEXEC))),
        forwarder_(events_, *this, buffers_) {
    view_.upstreams = {*netlink::IpAddress::Parse("192.0.2.1")};
    view_.ask_from_inside = true;
  }

  void Deliver(const ReturnPath& path, const Question&,
               const std::string& reply) override {
    EXPECT_EQ(reply, "");
    ++failures_[path.client];
  }
  bool AskForSockets(const Route&, size_t) override { return true; }

  bool Ask(uint64_t client) {
    return forwarder_.Forward({.client = client}, std::to_string(client), view_,
                              {}, std::string(kHeaderSize, '\0'), next_id_);
  }

  EventSet events_;
  ByteBudget buffers_{{.count = SIZE_MAX, .bytes = size_t{16} << 20}};
  Forwarder forwarder_;
  DnsView view_;
  std::map<uint64_t, int> failures_;
  uint64_t next_id_ = 1;
};

// issue 7, A13.
TEST_F(ForwarderTest, SixteenSandboxesDoNotTakeTheWhole) {
  constexpr size_t kHostile =
      Forwarder::kMaxQueries / Forwarder::kMaxQueriesOfOne;
  for (uint64_t client = 1; client <= kHostile; ++client) {
    for (size_t i = 0; i < Forwarder::kMaxQueriesOfOne; ++i) {
      ASSERT_TRUE(Ask(client));
    }
    EXPECT_FALSE(Ask(client));
  }
  EXPECT_TRUE(failures_.empty());
  constexpr uint64_t kOther = 100;
  for (int i = 0; i < 32; ++i) EXPECT_TRUE(Ask(kOther));
  EXPECT_EQ(failures_.count(kOther), 0u);
  // Each of the hostile ones has paid alike.
  ASSERT_EQ(failures_.size(), kHostile);
  for (const auto& [client, count] : failures_) EXPECT_EQ(count, 2);
  // Those who have most are the ones to be refused.
  EXPECT_FALSE(Ask(1));
  forwarder_.EndClient(kOther, std::to_string(kOther));
  EXPECT_TRUE(Ask(1));
}

}  // namespace
}  // namespace tug::netd::dns
