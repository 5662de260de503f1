// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/routes/system/network_warnings.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tug::gatewayd {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// issue 7, A6: today such a policy was only logged.
TEST(NetworkWarningsTest, EachForeignForwardPolicyIsNamedWithTheMend) {
  network::v1::HostNetworking networking;
  EXPECT_TRUE(NetworkWarnings(networking).empty());
  networking.add_forward_drops("ip filter FORWARD");
  networking.add_forward_drops("inet firewall forward");
  EXPECT_THAT(
      NetworkWarnings(networking),
      ElementsAre(AllOf(HasSubstr("\"ip filter FORWARD\" drops"),
                        HasSubstr("DOCKER-USER")),
                  AllOf(HasSubstr("\"inet firewall forward\" drops"),
                        HasSubstr("accept there"), Not(HasSubstr("Docker")))));
}

}  // namespace
}  // namespace tug::gatewayd
