// SPDX-License-Identifier: Apache-2.0
#include <linux/netlink.h>
#include <sched.h>

#include <cstdlib>

#include "gtest/gtest.h"
#include "lib/testing/privileged_test.h"
#include "lib/testing/status_matchers.h"
#include "services/netd/namespaces/namespace_pool.h"
#include "services/netd/sysctl/sysctl.h"

namespace tug::netd {
namespace {

class NamespacesTest : public PrivilegedTest {
 protected:
  // All pairs end in a namespace of the test's own.
  void SetUp() override {
    PrivilegedTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    ASSERT_EQ(unshare(CLONE_NEWNET), 0);
  }
};

TEST_F(NamespacesTest, ReadyOnesHaveWhatEveryContainerNeeds) {
  const auto pool = NamespacePool::Start({.with_interface = 2, .bare = 1});
  auto ready = pool->Take(true);
  ASSERT_THAT(ready, IsOk());
  EXPECT_THAT(CheckContainerNamespace(ready->fd), IsOk());
  const absl::Status inside = RunInNamespace(ready->fd, [&] {
    EXPECT_EQ(*ReadSysctl("ipv4/ip_unprivileged_port_start"), "0");
    EXPECT_EQ(*ReadSysctl("ipv4/ping_group_range"), "0\t2147483647");
    EXPECT_EQ(*ReadSysctl("ipv6/conf/eth0/disable_ipv6"), "1");
    EXPECT_EQ(*ReadSysctl("ipv6/conf/eth0/accept_ra"), "0");
    EXPECT_EQ(*ReadSysctl("ipv6/conf/lo/disable_ipv6"), "0");
    return absl::OkStatus();
  });
  EXPECT_THAT(inside, IsOk());
  EXPECT_TRUE(netlink::FindLink(ready->route, "lo")->up);
  EXPECT_TRUE(netlink::FindLink(ready->route, "eth0")->up);
  EXPECT_EQ(netlink::FindLink(ready->route, "eth0")->mac, ready->mac);
  auto host = netlink::Socket::Open(NETLINK_ROUTE);
  EXPECT_TRUE(netlink::FindLink(*host, ready->host_interface)->up);
}

TEST_F(NamespacesTest, NoneIsGivenTwiceAndTheyNeverRunOut) {
  const auto pool = NamespacePool::Start({.with_interface = 1, .bare = 1});
  auto first = pool->Take(false);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->host_index, 0);
  for (int i = 0; i < 5; ++i) {
    const auto next = pool->Take(false);
    ASSERT_THAT(next, IsOk());
    EXPECT_FALSE(IsSameNamespace(first->fd, next->fd));
  }
}

TEST_F(NamespacesTest, OtherDescriptorsAreRefused) {
  EXPECT_THAT(CheckContainerNamespace(UniqueFd(dup(0))),
              HasReason("NAMESPACE_INVALID"));
}

}  // namespace
}  // namespace tug::netd
