// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>

#include <memory>

#include "gtest/gtest.h"
#include "lib/kv/memory_store.h"
#include "lib/testing/status_matchers.h"
#include "lib/testing/temp_dir.h"
#include "services/netd/sandboxes/attachment_log.h"
#include "services/netd/sandboxes/endpoint_settings.h"
#include "services/netd/sandboxes/gateway_choice.h"
#include "services/netd/sandboxes/name_files.h"
#include "services/netd/sandboxes/sandbox_catalog.h"

namespace tug::netd {
namespace {

using network::v1::Endpoint;
using network::v1::Network;
using network::v1::Sandbox;

const std::string kLease(64, 'a');

Network UserNetwork() {
  Network network;
  network.set_name("web");
  network.set_driver("bridge");
  network.mutable_ipam()->add_pools()->set_subnet("10.7.0.0/24");
  return network;
}

TEST(CheckEndpointTest, NamesWhatIsWrong) {
  Endpoint endpoint;
  endpoint.set_requested_ipv4("10.7.0.9");
  EXPECT_THAT(CheckEndpoint(UserNetwork(), endpoint), IsOk());
  endpoint.set_requested_ipv4("10.8.0.9");
  EXPECT_THAT(
      CheckEndpoint(UserNetwork(), endpoint),
      StatusIs(absl::StatusCode::kInvalidArgument,
               testing::HasSubstr("no configured subnet contains IP address")));
  Network bridge = UserNetwork();
  bridge.set_name("bridge");
  endpoint.set_requested_ipv4("10.7.0.9");
  EXPECT_THAT(CheckEndpoint(bridge, endpoint), HasReason("ENDPOINT_INVALID"));
  endpoint.clear_requested_ipv4();
  endpoint.mutable_aliases()->add_values("x");
  EXPECT_THAT(CheckEndpoint(bridge, endpoint), HasReason("ENDPOINT_INVALID"));
  endpoint.clear_aliases();
  endpoint.set_requested_mac("zz");
  EXPECT_THAT(CheckEndpoint(bridge, endpoint), HasReason("ENDPOINT_INVALID"));
}

TEST(DnsNamesTest, AreNameAliasesShortIdAndHostname) {
  Sandbox sandbox;
  sandbox.set_lease(kLease);
  sandbox.set_name("web");
  sandbox.set_hostname("h");
  Endpoint endpoint;
  endpoint.mutable_aliases()->add_values("al");
  endpoint.mutable_aliases()->add_values("web");
  EXPECT_EQ(DnsNames(UserNetwork(), sandbox, endpoint),
            (std::vector<std::string>{"web", "al", "aaaaaaaaaaaa", "h"}));
}

TEST(EndpointSysctlsTest, TakesOnlySettingsOfTheInterface) {
  Endpoint endpoint;
  auto& options = *endpoint.mutable_driver_options()->mutable_values();
  auto& text = options["com.docker.network.endpoint.sysctls"];
  text = "net.ipv4.conf.IFNAME.log_martians=1";
  EXPECT_EQ(EndpointSysctls(endpoint)->size(), 1u);
  for (const char* bad : {"kernel.x=1", "net.ipv4.ip_forward=1",
                          "net.ipv4.conf.IFNAME.x", "net.../.IFNAME.x=1"}) {
    text = bad;
    EXPECT_THAT(EndpointSysctls(endpoint), HasReason("ENDPOINT_INVALID"));
  }
}

LiveEndpoint Live(const char* name, int64_t priority, bool internal) {
  LiveEndpoint endpoint;
  endpoint.network.set_name(name);
  endpoint.network.set_driver("bridge");
  endpoint.network.set_internal(internal);
  endpoint.gateway_priority = priority;
  endpoint.v4 = *netlink::IpPrefix::Parse("10.7.0.2/24");
  return endpoint;
}

TEST(ChooseGatewayTest, GoesByPriorityThenName) {
  std::vector<LiveEndpoint> endpoints;
  EXPECT_EQ(ChooseGateway(endpoints, AF_INET), nullptr);
  endpoints.push_back(Live("a", 0, /*internal=*/true));
  EXPECT_EQ(ChooseGateway(endpoints, AF_INET), nullptr);
  endpoints.push_back(Live("c", 0, false));
  endpoints.push_back(Live("b", 0, false));
  EXPECT_EQ(ChooseGateway(endpoints, AF_INET)->network.name(), "b");
  endpoints.push_back(Live("z", 5, false));
  EXPECT_EQ(ChooseGateway(endpoints, AF_INET)->network.name(), "z");
  EXPECT_EQ(ChooseGateway(endpoints, AF_INET6), nullptr);
}

TEST(CheckExtraHostsTest, RefusesNonsense) {
  for (const char* good :
       {"a:1.2.3.4", "a:::1", "a:[::1]", "a:host-gateway", "a=1.2.3.4"}) {
    Sandbox sandbox;
    sandbox.add_extra_hosts(good);
    EXPECT_THAT(CheckExtraHosts(sandbox), IsOk()) << good;
  }
  for (const char* bad :
       {"", "a", "a:x", ":1.2.3.4", "a b:1.2.3.4", "a\nb:1.2.3.4"}) {
    Sandbox sandbox;
    sandbox.add_extra_hosts(bad);
    EXPECT_THAT(CheckExtraHosts(sandbox), HasReason("ENDPOINT_INVALID")) << bad;
  }
}

TEST(SandboxCatalogTest, UnpublishedOnesVanishAndRecordsStay) {
  const auto store = kv::NewMemoryStore();
  SandboxCatalog catalog(*store);
  { ASSERT_THAT(catalog.ClaimOrMake(kLease), IsOk()); }
  EXPECT_THAT(catalog.Find(kLease), HasReason("LEASE_UNKNOWN"));
  {
    auto claim = catalog.ClaimOrMake(kLease);
    ASSERT_THAT(claim, IsOk());
    claim->sandbox().set_lease(kLease);
    claim->sandbox().set_attached(true);
    claim->sandbox().add_endpoints()->set_network_id("n");
    ASSERT_THAT(claim->Save(), IsOk());
    claim->Publish();
  }
  EXPECT_EQ(catalog.LeasesByNetwork()["n"].size(), 1u);
  SandboxCatalog again(*store);
  ASSERT_THAT(again.Load(), IsOk());
  EXPECT_FALSE(again.Find(kLease)->attached());
  ASSERT_THAT(again.Claim(kLease)->Erase(), IsOk());
  EXPECT_THAT(again.Find(kLease), HasReason("LEASE_UNKNOWN"));
}

TEST(AttachmentLogTest, KeepsWhatIsOfThisBoot) {
  const TempDir directory;
  const auto log = AttachmentLog::Open(directory.path() + "/a");
  ASSERT_THAT(log, IsOk());
  Sandbox sandbox;
  sandbox.set_lease(kLease);
  LiveSandbox live;
  ASSERT_THAT((*log)->Write(live, sandbox), IsOk());
  directory.Write("a/nonsense", "x");
  EXPECT_EQ((*log)->ReadAll()->size(), 1u);
  (*log)->Remove(kLease);
  EXPECT_EQ((*log)->ReadAll()->size(), 0u);
}

}  // namespace
}  // namespace tug::netd
