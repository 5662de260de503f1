// SPDX-License-Identifier: Apache-2.0
#include "services/tugd/sockets.h"

#include <unistd.h>

#include "gtest/gtest.h"
#include "lib/testing/status_matchers.h"
#include "lib/testing/temp_dir.h"

namespace tug::tugd {
namespace {

class SocketsTest : public testing::Test {
 protected:
  SocketsTest() { config_.set_run_directory(directory_.path()); }

  absl::StatusOr<std::vector<NamedSocket>> OpenRest(
      const std::string& listener) {
    config_.add_rest_listeners(listener);
    return OpenSockets(*FindService("gatewayd"), config_, getegid());
  }

  TempDir directory_;
  TugdConfig config_;
};

TEST_F(SocketsTest, ServiceGetsRpcAndBytes) {
  const auto sockets = OpenSockets(*FindService("netd"), config_, getegid());
  ASSERT_THAT(sockets, IsOk());
  ASSERT_EQ(sockets->size(), 2u);
  EXPECT_EQ((*sockets)[0].name, "rpc");
  EXPECT_EQ((*sockets)[1].name, "bytes");
  EXPECT_EQ(access((directory_.path() + "/netd.bytes.sock").c_str(), F_OK), 0);
}

TEST_F(SocketsTest, GatewayGetsOneForEachAddress) {
  const auto sockets = OpenRest("unix://" + directory_.path() + "/d.sock");
  ASSERT_THAT(sockets, IsOk());
  EXPECT_EQ(sockets->size(), 2u);
  EXPECT_EQ((*sockets)[1].name, "rest");
}

TEST_F(SocketsTest, PlainTcpNeedsTheFlagAndLoopback) {
  EXPECT_THAT(OpenRest("tcp://127.0.0.1:1"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  config_.set_allow_plain_tcp(true);
  for (const char* address : {"tcp://0.0.0.0:1", "tcp://[::]:1", "tcp://x:1",
                              "tcp://127.0.0.1", "tcp://127.0.0.1:70000"}) {
    config_.clear_rest_listeners();
    EXPECT_THAT(OpenRest(address),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << address;
  }
}

TEST_F(SocketsTest, UnknownSchemesAndMissingUnitsAreRefused) {
  EXPECT_THAT(OpenRest("http://x"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  config_.clear_rest_listeners();
  EXPECT_THAT(OpenRest("fd://"),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace tug::tugd
