// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>

#include <functional>
#include <memory>
#include <set>

#include "gtest/gtest.h"
#include "lib/kv/memory_store.h"
#include "lib/testing/status_matchers.h"
#include "services/netd/networks/create_network.h"
#include "services/netd/networks/ipam_settings.h"
#include "services/netd/networks/network_options.h"
#include "services/netd/networks/remove_network.h"
#include "services/netd/networks/restore_networks.h"

namespace tug::netd {
namespace {

using network::v1::CreateNetworkRequest;
using network::v1::Network;
using testing::HasSubstr;

// A driver without a kernel.
class FakeDriver final : public NetworkDriver {
 public:
  absl::Status Create(const Network&) override {
    ++live;
    return answer;
  }
  absl::Status Remove(const Network&) override {
    --live;
    return absl::OkStatus();
  }
  absl::Status answer;
  int live = 0;
};

// A host that forwards what it is told to.
class FakeForwarding final : public PacketForwarding {
 public:
  absl::Status Ensure(int family) override {
    families.insert(family);
    return answer;
  }
  absl::Status answer;
  std::set<int> families;
};

class NetworksTest : public testing::Test {
 protected:
  absl::StatusOr<Network> Create(
      const std::string& name,
      const std::function<void(CreateNetworkRequest&)>& change = {}) {
    CreateNetworkRequest request;
    request.set_name(name);
    if (change) change(request);
    return CreateNetwork(owner_, request);
  }
  static auto Pool(const char* subnet, const char* range = "",
                   const char* gateway = "") {
    return [=](CreateNetworkRequest& request) {
      auto* pool = request.mutable_ipam()->add_pools();
      pool->set_subnet(subnet);
      pool->set_ip_range(range);
      pool->set_gateway(gateway);
    };
  }

  std::unique_ptr<kv::KeyValueStore> store_ = kv::NewMemoryStore();
  NetworkCatalog catalog_{*store_};
  AddressBook addresses_;
  FakeDriver driver_;
  FakeForwarding forwarding_;
  EventBus events_;
  NetworkOwner owner_{catalog_,  addresses_,
                      driver_,   forwarding_,
                      events_,   {*ParseAddressPool("10.213.0.0/16 24")},
                      "tugtest0"};
};

TEST_F(NetworksTest, PredefinedNetworksExistAndStay) {
  ASSERT_THAT(RestoreNetworks(owner_), IsOk());
  const auto bridge = catalog_.Find("bridge");
  ASSERT_THAT(bridge, IsOk());
  EXPECT_EQ(ParseBridgeOptions(*bridge)->bridge_name, "tugtest0");
  EXPECT_EQ(catalog_.Find("none")->driver(), "null");
  EXPECT_THAT(RemoveNetwork(owner_, "host"), HasReason("NETWORK_PREDEFINED"));
  EXPECT_THAT(Create("bridge"), HasReason("NETWORK_PREDEFINED"));
  ASSERT_THAT(RestoreNetworks(owner_), IsOk());
  EXPECT_EQ(catalog_.Find("bridge")->id(), bridge->id());
}

TEST_F(NetworksTest, FindsByIdNameAndPrefix) {
  const auto network = Create("web");
  ASSERT_THAT(network, IsOk());
  EXPECT_EQ(catalog_.Find(network->id().substr(0, 12))->name(), "web");
  EXPECT_THAT(catalog_.Find(""), HasReason("NETWORK_UNKNOWN"));
  EXPECT_THAT(catalog_.Find("we"), HasReason("NETWORK_UNKNOWN"));
  EXPECT_THAT(Create("web"), HasReason("NETWORK_NAME_TAKEN"));
}

TEST_F(NetworksTest, RepeatedRequestAnswersTheFirst) {
  const auto ask = [](CreateNetworkRequest& r) { r.set_request_id("r1"); };
  const auto first = Create("a", ask);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(Create("a", ask)->id(), first->id());
}

TEST_F(NetworksTest, SubnetsDoNotOverlap) {
  EXPECT_EQ(Create("a")->ipam().pools(0).subnet(), "10.213.0.0/24");
  EXPECT_EQ(Create("b")->ipam().pools(0).gateway(), "10.213.1.1");
  EXPECT_THAT(Create("c", Pool("10.213.0.0/16")), HasReason("POOL_OVERLAP"));
  EXPECT_EQ(driver_.live, 2);
}

TEST_F(NetworksTest, AFailedDriverLeavesNothing) {
  driver_.answer = absl::InternalError("no");
  EXPECT_FALSE(Create("a").ok());
  driver_.answer = absl::OkStatus();
  EXPECT_THAT(Create("a"), IsOk());
}

// issue 7, B24: both families alike, and only where something leaves the host.
TEST_F(NetworksTest, TheHostForwardsForNetworksThatReachTheOutside) {
  ASSERT_THAT(Create("in", [](auto& r) { r.set_internal(true); }), IsOk());
  EXPECT_TRUE(forwarding_.families.empty());
  ASSERT_THAT(Create("out"), IsOk());
  EXPECT_EQ(forwarding_.families, std::set<int>{AF_INET});
  const auto dual = Create("dual", [](CreateNetworkRequest& request) {
    request.set_enable_ipv6(true);
    request.mutable_ipam()->add_pools()->set_subnet("fd00:1::/64");
  });
  ASSERT_THAT(dual, IsOk());
  EXPECT_EQ(forwarding_.families.count(AF_INET6), 1u);
  forwarding_.answer = absl::FailedPreconditionError("off");
  EXPECT_FALSE(Create("more").ok());
  EXPECT_THAT(catalog_.Find("more"), HasReason("NETWORK_UNKNOWN"));
  // The default bridge is there in any case.
  EXPECT_THAT(RestoreNetworks(owner_), IsOk());
  EXPECT_THAT(catalog_.Find("bridge"), IsOk());
}

TEST_F(NetworksTest, BadAddressManagementTellsWhy) {
  struct Case {
    const char *subnet, *range, *gateway, *message;
  };
  for (const Case& c : {
           Case{"10.5.0.1/16", "", "", "it should be 10.5.0.0/16"},
           Case{"10.5.0.0/33", "", "", "prefix length out of range"},
           Case{"10.5.0.0/16", "", "10.6.0.1", "doesn't contain this address"},
           Case{"10.5.0.0/16", "10.6.0.0/24", "", "doesn't contain ip-range"},
           Case{"", "", "10.6.0.1", "parent subnet invalid Prefix"},
       }) {
    const auto network = Create("x", Pool(c.subnet, c.range, c.gateway));
    EXPECT_THAT(network, StatusIs(absl::StatusCode::kInvalidArgument,
                                  HasSubstr(c.message)));
    EXPECT_THAT(network, HasReason("NETWORK_OPTIONS_INVALID"));
  }
}

TEST_F(NetworksTest, RefusesWhatItDoesNotDo) {
  const auto with = [](const char* key, const char* value) {
    return
        [=](CreateNetworkRequest& r) { (*r.mutable_options())[key] = value; };
  };
  EXPECT_THAT(
      Create("x", with("com.docker.network.bridge.enable_icc", "maybe")),
      HasReason("NETWORK_OPTIONS_INVALID"));
  EXPECT_THAT(Create("x", with("com.docker.network.driver.mtu", "12")),
              HasReason("NETWORK_OPTIONS_INVALID"));
  EXPECT_THAT(Create("x", with("com.docker.network.bridge.gateway_mode_ipv4",
                               "routed")),
              HasReason("NETWORK_OPTIONS_INVALID"));
  EXPECT_THAT(Create("x", [](auto& r) { r.set_driver("nope"); }),
              HasReason("NETWORK_DRIVER_UNKNOWN"));
  EXPECT_THAT(Create("", {}), HasReason("NETWORK_NAME_INVALID"));
  EXPECT_THAT(Create("x", with("com.docker.network.foo", "kept")), IsOk());
}

TEST_F(NetworksTest, EndpointsKeepANetwork) {
  const auto network = Create("a");
  ASSERT_THAT(network, IsOk());
  network::v1::AttachedEndpoint endpoint;
  endpoint.set_name("web");
  ASSERT_THAT(catalog_.PutEndpoint(network->id(), "lease", endpoint), IsOk());
  EXPECT_THAT(RemoveNetwork(owner_, "a"), HasReason("NETWORK_IN_USE"));
  catalog_.RemoveEndpoint(network->id(), "lease");
  EXPECT_THAT(RemoveNetwork(owner_, "a"), IsOk());
  EXPECT_THAT(catalog_.PutEndpoint(network->id(), "lease", endpoint),
              HasReason("NETWORK_UNKNOWN"));
  EXPECT_EQ(driver_.live, 0);
}

TEST_F(NetworksTest, ConfigOnlyNetworksLendTheirSettings) {
  ASSERT_THAT(
      Create("conf",
             [](CreateNetworkRequest& r) {
               r.set_config_only(true);
               r.mutable_ipam()->add_pools()->set_subnet("10.214.0.0/24");
             }),
      IsOk());
  const auto use = [](CreateNetworkRequest& r) { r.set_config_from("conf"); };
  EXPECT_EQ(Create("a", use)->ipam().pools(0).subnet(), "10.214.0.0/24");
  EXPECT_THAT(RemoveNetwork(owner_, "conf"), HasReason("NETWORK_IN_USE"));
}

}  // namespace
}  // namespace tug::netd
