// SPDX-License-Identifier: Apache-2.0
#include "services/registryd/client/host.h"

#include "gtest/gtest.h"

namespace tug::registryd {
namespace {

TEST(ParseHostTest, SplitsHostAndPort) {
  EXPECT_EQ(ParseHost("LocalHost:5000")->text, "localhost:5000");
  EXPECT_EQ(ParseHost("[::1]:5000")->hostname, "::1");
  EXPECT_EQ(ParseHost("[::1]:5000")->port, 5000);
  EXPECT_EQ(ParseHost("docker.io")->port, 0);
}

TEST(ParseHostTest, RefusesWhatIsNoHost) {
  for (const char* text : {"", "h:0", "h:99999", "h:", "h:1x", "h/a", "u@h",
                           "h\r\nx", "h?x", "[::1", "[z]", "-h", ":5000"}) {
    EXPECT_FALSE(ParseHost(text).ok()) << text;
  }
}

TEST(IsLoopbackTest, KnowsNamesAndAddresses) {
  for (const char* name : {"localhost", "127.0.0.1", "127.9.8.7", "::1"}) {
    EXPECT_TRUE(IsLoopback(name)) << name;
  }
  for (const char* name : {"127.evil.com", "10.0.0.1", "localhost.evil",
                           "127.0.0", "128.0.0.1", "127.0.0.1.nip.io"}) {
    EXPECT_FALSE(IsLoopback(name)) << name;
  }
}

TEST(ApiAddressTest, MapsDockerHub) {
  EXPECT_EQ(ApiAddress(*ParseHost("docker.io")), "registry-1.docker.io");
  EXPECT_EQ(ApiAddress(*ParseHost("LOCALHOST:5000")), "localhost:5000");
}

}  // namespace
}  // namespace tug::registryd
