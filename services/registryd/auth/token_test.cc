// SPDX-License-Identifier: Apache-2.0
#include "services/registryd/auth/token.h"

#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace tug::registryd {
namespace {

Challenge Bearer() {
  return {"bearer",
          {{"realm", "https://auth.example/token"}, {"service", "reg.x"}}};
}

TEST(MakeTokenRequestTest, AnonymousAsksByGetWithoutAuthorization) {
  const auto request =
      MakeTokenRequest(Bearer(), {}, "repository:a/b:pull", false);
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->method, "GET");
  EXPECT_EQ(request->url,
            "https://auth.example/token?service=reg.x&"
            "scope=repository%3aa%2fb%3apull");
  EXPECT_EQ(request->authorization, "");
}

TEST(MakeTokenRequestTest, PasswordTravelsAsBasic) {
  const Credentials user = {.username = "joe", .password = "pw"};
  const auto request = MakeTokenRequest(Bearer(), user, "", true);
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->authorization, "Basic am9lOnB3");
  EXPECT_EQ(request->url,
            "https://auth.example/token?service=reg.x&account=joe&"
            "client_id=tug&offline_token=true");
}

TEST(MakeTokenRequestTest, IdentityTokenIsPostedNotPutIntoTheAddress) {
  const Credentials user = {.username = "<token>", .identity_token = "r&t"};
  const auto request = MakeTokenRequest(Bearer(), user, "s", false);
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->method, "POST");
  EXPECT_EQ(request->url, "https://auth.example/token");
  EXPECT_EQ(request->form,
            "service=reg.x&scope=s&client_id=tug&grant_type=refresh_token&"
            "refresh_token=r%26t");
}

TEST(MakeTokenRequestTest, RealmMustBeHttp) {
  const Challenge file = {"bearer", {{"realm", "file:///etc/passwd"}}};
  EXPECT_FALSE(MakeTokenRequest(file, {}, "", false).ok());
  EXPECT_FALSE(MakeTokenRequest({"bearer", {}}, {}, "", false).ok());
}

TEST(ParseTokenTest, ReadsEitherNameAndLifetime) {
  const absl::Time now = absl::FromUnixSeconds(1000);
  const auto token = ParseToken(
      R"({"access_token":"abc","expires_in":300,"refresh_token":"r"})", now);
  ASSERT_TRUE(token.ok());
  EXPECT_EQ(token->bearer, "abc");
  EXPECT_EQ(token->refresh, "r");
  EXPECT_EQ(token->expires, absl::FromUnixSeconds(1290));
}

TEST(ParseTokenTest, RefusesWhatCannotBeAHeader) {
  EXPECT_FALSE(ParseToken(R"({"token":"a\r\nX: y"})", absl::Now()).ok());
  EXPECT_FALSE(ParseToken(R"({"token":""})", absl::Now()).ok());
  EXPECT_FALSE(ParseToken(R"([])", absl::Now()).ok());
  EXPECT_FALSE(ParseToken("<html>", absl::Now()).ok());
}

}  // namespace
}  // namespace tug::registryd
