// SPDX-License-Identifier: Apache-2.0
#include "services/registryd/client/url.h"

#include "gtest/gtest.h"

namespace tug::registryd {
namespace {

TEST(ResolveUrlTest, FollowsRelativeAndAbsoluteLocations) {
  EXPECT_EQ(ResolveUrl("https://h:5000/v2/a", "/x?y=1"),
            "https://h:5000/x?y=1");
  EXPECT_EQ(ResolveUrl("https://h/v2/a", "http://other/b"), "http://other/b");
}

TEST(ResolveUrlTest, OtherSchemesAreNoAddress) {
  EXPECT_EQ(ResolveUrl("https://h/v2/a", "file:///etc/passwd"), "");
  EXPECT_EQ(ResolveUrl("https://h/v2/a", "ftp://h/x"), "");
}

// CVE-2020-15157: what decides whether credentials travel along.
TEST(OriginOfTest, TellsSchemeHostAndPortApart) {
  EXPECT_EQ(OriginOf("https://H/x"), OriginOf("https://h:443/y"));
  EXPECT_NE(OriginOf("https://h/x"), OriginOf("http://h/x"));
  EXPECT_NE(OriginOf("https://h/x"), OriginOf("https://h:444/x"));
  EXPECT_NE(OriginOf("https://h/x"), OriginOf("https://h@evil/x"));
  EXPECT_EQ(OriginOf("nonsense"), "");
}

TEST(HostOfUrlTest, LeavesTheDefaultPortOut) {
  EXPECT_EQ(HostOfUrl("https://h:443/x")->text, "h");
  EXPECT_EQ(HostOfUrl("http://[::1]:5000/x")->text, "[::1]:5000");
}

}  // namespace
}  // namespace tug::registryd
