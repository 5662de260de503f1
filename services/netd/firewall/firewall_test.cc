// SPDX-License-Identifier: Apache-2.0
//
// In a network namespace of its own.
#include "services/netd/firewall/firewall.h"

#include <linux/netlink.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cstdlib>

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"
#include "lib/netlink/socket.h"
#include "lib/testing/privileged_test.h"
#include "lib/testing/status_matchers.h"
#include "lib/testing/temp_dir.h"
#include "services/netd/firewall/container_dns_rules.h"
#include "services/netd/firewall/forward_policy.h"
#include "services/netd/firewall/ruleset_watch.h"

namespace tug::netd {
namespace {

using netlink::IpAddress;

class FirewallTest : public PrivilegedTest {
 protected:
  void SetUp() override {
    PrivilegedTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    // Whatever is flushed here is not the machine's.
    struct stat before;
    struct stat after;
    ASSERT_EQ(stat("/proc/thread-self/ns/net", &before), 0);
    ASSERT_EQ(unshare(CLONE_NEWNET), 0);
    ASSERT_EQ(stat("/proc/thread-self/ns/net", &after), 0);
    ASSERT_NE(before.st_ino, after.st_ino);
  }
  static Element Port(const char* host, uint16_t port, const char* target) {
    return PortElement({IPPROTO_TCP, *IpAddress::Parse(host), port,
                        *IpAddress::Parse(target), 80});
  }
};

TEST_F(FirewallTest, OpensTwiceAndChangesElements) {
  auto firewall = Firewall::Open("tugtest");
  ASSERT_THAT(firewall, IsOk());
  const std::vector<Element> first = {Port("0.0.0.0", 8080, "10.0.0.2"),
                                      Port("127.0.0.1", 8081, "10.0.0.2"),
                                      Port("::", 8080, "fd00::2")};
  ASSERT_THAT((*firewall)->Change({}, first), IsOk());
  ASSERT_THAT((*firewall)->Change({}, BridgeElements({.name = "tugt0"})),
              IsOk());
  firewall = Firewall::Open("tugtest");
  ASSERT_THAT(firewall, IsOk());
  // Retargeting is one transaction.
  EXPECT_THAT(
      (*firewall)->Change({first[0]}, {Port("0.0.0.0", 8080, "10.0.0.3")}),
      IsOk());
  EXPECT_THAT((*firewall)->Change({Port("0.0.0.0", 9, "10.0.0.2")}, {}),
              testing::Not(IsOk()));
  EXPECT_THAT((*firewall)->Reconcile({first[0], first[2]}), IsOk());
  EXPECT_THAT((*firewall)->Change({first[0], first[2]}, {}), IsOk());
  EXPECT_THAT((*firewall)->Change({first[1]}, {}), testing::Not(IsOk()));
}

TEST_F(FirewallTest, AThousandPortsAreOneTransaction) {
  auto firewall = Firewall::Open("tugtest");
  ASSERT_THAT(firewall, IsOk());
  std::vector<Element> many;
  for (uint16_t i = 0; i < 1000; ++i) {
    many.push_back(
        Port("0.0.0.0", static_cast<uint16_t>(10000 + i), "10.0.0.2"));
  }
  EXPECT_THAT((*firewall)->Change({}, many), IsOk());
  EXPECT_THAT((*firewall)->Change(many, {}), IsOk());
}

TEST_F(FirewallTest, ContainerRulesAreReplaced) {
  const auto socket = netlink::Socket::Open(NETLINK_NETFILTER);
  ASSERT_THAT(socket, IsOk());
  EXPECT_THAT(RedirectContainerDns(socket->fd(), 1000, 1001, false), IsOk());
  EXPECT_THAT(RedirectContainerDns(socket->fd(), 1002, 1003, true), IsOk());
}

TEST_F(FirewallTest, RefusesForeignSyntaxAsName) {
  EXPECT_THAT(Firewall::Open("a; flush ruleset"),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(FirewallTest, OnlyForeignChainsAreFoundToDrop) {
  const auto drops = FindForwardDrops("tugtest");
  ASSERT_THAT(drops, IsOk());
  EXPECT_TRUE(drops->empty());
  const auto firewall = Firewall::Open("tugtest");
  ASSERT_THAT(firewall, IsOk());
  ASSERT_THAT((*firewall)->Guard(AF_INET, {"eth7"}), IsOk());
  EXPECT_TRUE(FindForwardDrops("tugtest")->empty());
  EXPECT_EQ(*FindForwardDrops("other"),
            std::vector<std::string>{"ip tugtest strangers"});
}

// A host without the table of the legacy iptables does not get it by our look.
TEST_F(FirewallTest, TheLegacyPolicyIsSeen) {
  if (system("/usr/sbin/iptables-legacy -P FORWARD DROP 2>/dev/null") != 0)
    GTEST_SKIP();
  EXPECT_EQ(*FindForwardDrops("tugtest"),
            std::vector<std::string>{"legacy ip filter FORWARD"});
  ASSERT_EQ(system("/usr/sbin/iptables-legacy -P FORWARD ACCEPT"), 0);
  EXPECT_TRUE(FindForwardDrops("tugtest")->empty());
}

TEST_F(FirewallTest, ATableThatWasTakenAwayComesBackWithItsElements) {
  const auto firewall = Firewall::Open("tugtest");
  ASSERT_THAT(firewall, IsOk());
  ASSERT_THAT((*firewall)->Guard(AF_INET, {"eth7"}), IsOk());
  const Element port = Port("0.0.0.0", 8080, "10.0.0.2");
  ASSERT_THAT((*firewall)->Change({}, {port}), IsOk());
  absl::Notification lost;
  const auto watch = RulesetWatch::Start("tugtest", [&] {
    if (!lost.HasBeenNotified()) lost.Notify();
    return true;
  });
  ASSERT_THAT(watch, IsOk());
  ASSERT_EQ(system("/usr/sbin/nft flush ruleset"), 0);
  ASSERT_TRUE(lost.WaitForNotificationWithTimeout(absl::Seconds(10)));
  ASSERT_THAT((*firewall)->Restore(), IsOk());
  EXPECT_EQ(FindForwardDrops("")->size(), 1u);
  EXPECT_THAT((*firewall)->Change({port}, {}), IsOk());
  // Also for who comes before the watch.
  ASSERT_THAT((*firewall)->Change({}, {port}), IsOk());
  ASSERT_EQ(system("/usr/sbin/nft flush ruleset"), 0);
  EXPECT_THAT((*firewall)->Change({port}, {}), IsOk());
}

// `nft list ruleset` into a file is how hosts save their rules, ours among
// them; a reload is one transaction after which our table is there, as it was
// (issue 7, A6).
TEST_F(FirewallTest, AnOlderTableInItsPlaceIsPutRight) {
  const auto firewall = Firewall::Open("tugtest");
  ASSERT_THAT(firewall, IsOk());
  const Element gone = Port("0.0.0.0", 8080, "10.0.0.2");
  const Element moved = Port("0.0.0.0", 8081, "10.0.0.2");
  ASSERT_THAT((*firewall)->Change({}, {gone, moved}), IsOk());
  ASSERT_THAT((*firewall)->Reconcile({gone, moved}), IsOk());
  const TempDir directory;
  const std::string saved = directory.path() + "/saved.nft";
  const std::string save =
      "(echo flush ruleset; /usr/sbin/nft list ruleset) > " + saved;
  const std::string reload = "/usr/sbin/nft -f " + saved;
  ASSERT_EQ(system(save.c_str()), 0);
  const Element now = Port("0.0.0.0", 8081, "10.0.0.3");
  const auto late = BridgeElements({.name = "tugt1"});
  ASSERT_THAT((*firewall)->Change({gone, moved}, {now}), IsOk());
  ASSERT_THAT((*firewall)->Change({}, late), IsOk());
  absl::Notification restored;
  auto watch = RulesetWatch::Start("tugtest", [&] {
    const bool is_right = (*firewall)->Restore().ok();
    if (is_right && !restored.HasBeenNotified()) restored.Notify();
    return is_right;
  });
  ASSERT_THAT(watch, IsOk());
  ASSERT_EQ(system(reload.c_str()), 0);
  ASSERT_TRUE(restored.WaitForNotificationWithTimeout(absl::Seconds(10)));
  watch->reset();
  const auto holds = [](const std::string& what) {
    const std::string look =
        "/usr/sbin/nft list table ip tugtest | grep -q '" + what + "'";
    return system(look.c_str()) == 0;
  };
  EXPECT_FALSE(holds("8080 :"));
  EXPECT_FALSE(holds("8081 : 10.0.0.2"));
  EXPECT_TRUE(holds("8081 : 10.0.0.3"));
  EXPECT_TRUE(holds("\"tugt1\""));
  // Also for a change that comes before the news of it.
  ASSERT_EQ(system(reload.c_str()), 0);
  EXPECT_THAT((*firewall)->Change(late, {}), IsOk());
  EXPECT_FALSE(holds("8080 :"));
}

TEST_F(FirewallTest, ARestoreThatFailsIsTriedAgain) {
  const auto firewall = Firewall::Open("tugtest");
  ASSERT_THAT(firewall, IsOk());
  int calls = 0;
  absl::Notification done;
  const auto watch = RulesetWatch::Start("tugtest", [&] {
    if (++calls == 3) done.Notify();
    return calls >= 3;
  });
  ASSERT_THAT(watch, IsOk());
  ASSERT_EQ(system("/usr/sbin/nft flush ruleset"), 0);
  EXPECT_TRUE(done.WaitForNotificationWithTimeout(absl::Seconds(20)));
}

TEST_F(FirewallTest, UntilReconciledARestoreKeepsWhatAnEarlierRunLeft) {
  const Element port = Port("0.0.0.0", 8080, "10.0.0.2");
  auto firewall = Firewall::Open("tugtest");
  ASSERT_THAT(firewall, IsOk());
  ASSERT_THAT((*firewall)->Change({}, {port}), IsOk());
  firewall = Firewall::Open("tugtest");
  ASSERT_THAT(firewall, IsOk());
  ASSERT_THAT((*firewall)->Restore(), IsOk());
  EXPECT_THAT((*firewall)->Change({port}, {}), IsOk());
}

}  // namespace
}  // namespace tug::netd
