// SPDX-License-Identifier: Apache-2.0
#include "services/registryd/client/registry_error.h"

#include "gtest/gtest.h"
#include "lib/base/status.h"

namespace tug::registryd {
namespace {

struct ErrorCase {
  const char* name;
  int status;
  const char* body;
  Question::Noun noun;
  Proof proof;
  bool has_credentials;
  absl::StatusCode code;
  const char* reason;
};

class RegistryErrorTest : public testing::TestWithParam<ErrorCase> {};

TEST_P(RegistryErrorTest, HasCodeReasonAndHost) {
  const ErrorCase& c = GetParam();
  HttpResult result;
  result.status = c.status;
  result.body = c.body;
  const absl::Status status = RegistryError(
      result, {"h:5000", "a/b", "t", c.noun}, c.proof, c.has_credentials);
  EXPECT_EQ(status.code(), c.code);
  EXPECT_EQ(StatusReason(status), c.reason);
  EXPECT_EQ(StatusMetadata(status)["host"], "h:5000");
}

using Noun = Question::Noun;
constexpr char kNameUnknown[] =
    R"({"errors":[{"code":"NAME_UNKNOWN","message":"repository unknown"}]})";
constexpr ErrorCase kCases[] = {
    {"MissingTag", 404, "", Noun::kManifest, Proof::kNone, false,
     absl::StatusCode::kNotFound, "MANIFEST_UNKNOWN"},
    {"UnknownName", 404, kNameUnknown, Noun::kManifest, Proof::kNone, false,
     absl::StatusCode::kNotFound, "REPOSITORY_UNKNOWN"},
    {"MissingBlob", 404, "", Noun::kBlob, Proof::kNone, false,
     absl::StatusCode::kNotFound, "BLOB_UNKNOWN"},
    {"WrongPassword", 401, "", Noun::kManifest, Proof::kBasic, true,
     absl::StatusCode::kUnauthenticated, "CREDENTIALS_REFUSED"},
    {"NoPassword", 401, "", Noun::kManifest, Proof::kNone, false,
     absl::StatusCode::kUnauthenticated, "CREDENTIALS_REFUSED"},
    {"TokenWithoutRights", 401, "", Noun::kManifest, Proof::kBearer, true,
     absl::StatusCode::kPermissionDenied, "ACCESS_DENIED"},
    {"Forbidden", 403, "", Noun::kManifest, Proof::kBearer, true,
     absl::StatusCode::kPermissionDenied, "ACCESS_DENIED"},
    {"TooMany", 429, "", Noun::kManifest, Proof::kNone, false,
     absl::StatusCode::kResourceExhausted, "RATE_LIMITED"},
    {"Teapot", 418, "<html>", Noun::kManifest, Proof::kNone, false,
     absl::StatusCode::kInternal, "REGISTRY_ERROR"},
};
INSTANTIATE_TEST_SUITE_P(All, RegistryErrorTest, testing::ValuesIn(kCases),
                         [](const auto& info) {
                           return std::string(info.param.name);
                         });

TEST(RegistryErrorTextTest, ControlBytesOfARegistryAreRemoved) {
  HttpResult result;
  result.status = 500;
  result.body = R"({"errors":[{"code":"X","message":"a\u001b[31m\nb"}]})";
  const absl::Status status =
      RegistryError(result, {"h", "r", "t"}, Proof::kNone, false);
  EXPECT_EQ(StatusMetadata(status)["registry_message"], "a [31m b");
}

}  // namespace
}  // namespace tug::registryd
