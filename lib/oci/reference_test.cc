// SPDX-License-Identifier: Apache-2.0
#include "lib/oci/reference.h"

#include <string>

#include "gtest/gtest.h"
#include "lib/testing/status_matchers.h"

namespace tug::oci {
namespace {

#define HEX32 "0123456789abcdef0123456789abcdef"

struct ParseCase {
  const char* name;
  const char* text;
  const char* canonical;  // nullptr: the parse must fail.
  const char* familiar;
};

class ParseReferenceTest : public testing::TestWithParam<ParseCase> {};

TEST_P(ParseReferenceTest, YieldsCanonicalAndFamiliarName) {
  const ParseCase& c = GetParam();
  const absl::StatusOr<Reference> parsed = ParseReferenceWithDefaultTag(c.text);
  if (c.canonical == nullptr) {
    EXPECT_THAT(parsed, StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(parsed, HasReason("REFERENCE_INVALID"));
    return;
  }
  ASSERT_THAT(parsed, IsOk());
  EXPECT_EQ(parsed->ToString(), c.canonical);
  EXPECT_EQ(parsed->Familiar(), c.familiar);
}

constexpr ParseCase kParseCases[] = {
    {"BareName", "alpine", "docker.io/library/alpine:latest", "alpine:latest"},
    {"Tag", "debian:12", "docker.io/library/debian:12", "debian:12"},
    {"User", "me/app", "docker.io/me/app:latest", "me/app:latest"},
    {"LegacyHost", "index.docker.io/alpine", "docker.io/library/alpine:latest",
     "alpine:latest"},
    {"LibraryBelow", "docker.io/library/a/b", "docker.io/library/a/b:latest",
     "library/a/b:latest"},
    {"HostWithPort", "localhost:5000/a/b:v1", "localhost:5000/a/b:v1",
     "localhost:5000/a/b:v1"},
    {"Localhost", "localhost/a", "localhost/a:latest", "localhost/a:latest"},
    {"UpperCaseHost", "Foo/bar", "Foo/bar:latest", "Foo/bar:latest"},
    {"IpV6", "[::1]:5000/a", "[::1]:5000/a:latest", "[::1]:5000/a:latest"},
    {"Digest", "a@sha256:" HEX32 HEX32,
     "docker.io/library/a@sha256:" HEX32 HEX32, "a@sha256:" HEX32 HEX32},
    {"TagAndDigest", "a:1@sha256:" HEX32 HEX32,
     "docker.io/library/a:1@sha256:" HEX32 HEX32, "a:1@sha256:" HEX32 HEX32},
    {"Separators", "a_b__c.d--e", "docker.io/library/a_b__c.d--e:latest",
     "a_b__c.d--e:latest"},
    {"Empty", "", nullptr, nullptr},
    {"UpperCaseRepository", "Alpine", nullptr, nullptr},
    {"TripleUnderscore", "a___b", nullptr, nullptr},
    {"TwoDots", "a..b", nullptr, nullptr},
    {"LeadingSeparator", "-a", nullptr, nullptr},
    {"EmptyComponent", "a//b", nullptr, nullptr},
    {"DotDot", "a/../b", nullptr, nullptr},
    {"EmptyTag", "a:", nullptr, nullptr},
    {"TagWithDash", "a:-x", nullptr, nullptr},
    {"ShortDigest", "a@sha256:abc", nullptr, nullptr},
    {"OtherAlgorithm", "a@md5:" HEX32, nullptr, nullptr},
    {"LooksLikeId", HEX32 HEX32, nullptr, nullptr},
    {"PortIsNoNumber", "host:port/a", nullptr, nullptr},
    {"Space", "a b", nullptr, nullptr},
    {"Scheme", "https://a/b", nullptr, nullptr},
};
INSTANTIATE_TEST_SUITE_P(All, ParseReferenceTest,
                         testing::ValuesIn(kParseCases), [](const auto& info) {
                           return std::string(info.param.name);
                         });

TEST(ReferenceTest, LongNamesAndTagsAreRefused) {
  EXPECT_THAT(ParseReference(std::string(256, 'a')),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_TRUE(IsTag(std::string(128, 't')));
  EXPECT_FALSE(IsTag(std::string(129, 't')));
}

}  // namespace
}  // namespace tug::oci
