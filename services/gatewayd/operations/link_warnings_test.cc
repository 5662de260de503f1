// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/operations/link_warnings.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/gatewayd/peers/testing/bare_peers.h"

namespace tug::gatewayd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class OneContainer final : public BareContainerClient {
 public:
  absl::StatusOr<runtime::v1::Container> GetContainer(
      const runtime::v1::GetContainerRequest& request) override {
    if (request.reference() != "web") return absl::NotFoundError("");
    runtime::v1::Container container;
    container.set_id("id of web");
    return container;
  }
};

class OneSandbox final : public BareSandboxClient {
 public:
  absl::StatusOr<network::v1::Sandbox> GetSandbox(
      const network::v1::GetSandboxRequest& request) override {
    EXPECT_EQ(request.lease(), "id of web");
    network::v1::Sandbox sandbox;
    sandbox.add_endpoints()->set_network_name("front");
    return sandbox;
  }
};

// issue 7, B22.
TEST(LinkWarningsTest, TellWhatIsOldAndWhatLeadsNowhere) {
  OneContainer containers;
  OneSandbox sandboxes;
  BarePeers bare;
  const Peers peers = {containers,      bare.execs,      bare.images,
                       bare.snapshots,  bare.networks,   sandboxes,
                       bare.volumes,    bare.registries, bare.tickets,
                       bare.own_events, bare.known};
  runtime::v1::HostConfig host;
  std::vector<network::v1::Endpoint> endpoints(1);
  endpoints[0].set_network_name("front");
  endpoints[0].mutable_links()->add_values("web:w");
  EXPECT_THAT(LinkWarnings(peers, host, endpoints), IsEmpty());
  endpoints[0].set_network_name("back");
  endpoints[0].mutable_links()->add_values("nosuch");
  EXPECT_THAT(LinkWarnings(peers, host, endpoints),
              ElementsAre(HasSubstr("link w to web has no effect"),
                          HasSubstr("link nosuch to nosuch has no effect")));
  host.mutable_links()->add_values("web:w");
  EXPECT_THAT(LinkWarnings(peers, host, {}),
              ElementsAre(HasSubstr("default bridge network are deprecated")));
  host.set_network_mode("front");
  EXPECT_THAT(LinkWarnings(peers, host, {}), IsEmpty());
}

}  // namespace
}  // namespace tug::gatewayd
