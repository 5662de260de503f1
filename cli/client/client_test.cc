// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/escaping.h"
#include "cli/client/credentials.h"
#include "cli/client/engine.h"
#include "gtest/gtest.h"

namespace tug::cli {
namespace {

TEST(PathTest, EscapesAllButSlashes) {
  EXPECT_EQ(Path("/images/").Add("localhost:5000/a b/c").text(),
            "/images/localhost:5000/a%20b/c");
  EXPECT_EQ(
      Path("/x").Query("a", "b&c").Flag("d", true).Flag("e", false).text(),
      "/x?a=b%26c&d=1");
}

TEST(EncodeFiltersTest, GroupsByKey) {
  EXPECT_EQ(*EncodeFilters({"label=a=b", "label=c", "Name=x"}),
            R"({"label":{"a=b":true,"c":true},"name":{"x":true}})");
  EXPECT_EQ(*EncodeFilters({}), "");
  EXPECT_FALSE(EncodeFilters({"label"}).ok());
}

TEST(RegistryOfTest, FollowsDockersRule) {
  EXPECT_EQ(RegistryOf("debian"), "docker.io");
  EXPECT_EQ(RegistryOf("a/b"), "docker.io");
  EXPECT_EQ(RegistryOf("localhost/b"), "localhost");
  EXPECT_EQ(RegistryOf("h:5000/b:t"), "h:5000");
  EXPECT_EQ(RegistryOf("ghcr.io/b@sha256:x"), "ghcr.io");
}

std::string Plain(const std::string& header) {
  std::string text;
  absl::WebSafeBase64Unescape(header, &text);
  return text;
}

TEST(CredentialFileTest, RoundTripsLogins) {
  CredentialFile file("/nowhere", {});
  EXPECT_EQ(Plain(*file.HeaderFor("h:5000")), "{}");
  file.Put("h:5000", "joe", "p:w", "");
  EXPECT_EQ(Plain(*file.HeaderFor("h:5000")),
            R"({"username":"joe","password":"p:w","serveraddress":"h:5000"})");
  EXPECT_EQ(file.UserOf("h:5000"), "joe");
  EXPECT_TRUE(file.Erase("h:5000"));
  EXPECT_FALSE(file.Erase("h:5000"));
}

TEST(CredentialFileTest, HubHasItsOldKey) {
  CredentialFile file("/nowhere", {});
  file.Put("docker.io", "joe", "pw", "token");
  EXPECT_TRUE(file.config().at("auths").as_object().contains(kHubKey));
  EXPECT_NE(Plain(*file.HeaderFor("docker.io")).find("token"),
            std::string::npos);
}

TEST(CredentialFileTest, CredentialStoresAreNamedInTheError) {
  const CredentialFile file(
      "/nowhere",
      {{"credsStore", "pass"}, {"auths", {{"h:5000", boost::json::object()}}}});
  EXPECT_FALSE(file.HeaderFor("h:5000").ok());
  EXPECT_TRUE(file.HeaderFor("other").ok());
}

}  // namespace
}  // namespace tug::cli
