// SPDX-License-Identifier: Apache-2.0
#include "services/registryd/auth/challenge.h"

#include <random>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace tug::registryd {
namespace {

struct ParseCase {
  const char* name;
  const char* header;
  const char* expected;  // "scheme{key=value;...} ..."; nullptr: must fail.
};

std::string Show(const std::vector<Challenge>& challenges) {
  std::string text;
  for (const Challenge& challenge : challenges) {
    absl::StrAppend(&text, text.empty() ? "" : " ", challenge.scheme, "{");
    for (const auto& [key, value] : challenge.parameters) {
      absl::StrAppend(&text, key, "=", value, ";");
    }
    absl::StrAppend(&text, "}");
  }
  return text;
}

class ParseChallengesTest : public testing::TestWithParam<ParseCase> {};

TEST_P(ParseChallengesTest, YieldsSchemesAndParameters) {
  const ParseCase& c = GetParam();
  const auto parsed = ParseChallenges(c.header);
  if (c.expected == nullptr) {
    EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument);
    return;
  }
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(Show(*parsed), c.expected);
}

constexpr ParseCase kCases[] = {
    {"Empty", "", ""},
    {"BasicRealm", "Basic realm=\"Registry Realm\"",
     "basic{realm=Registry Realm;}"},
    {"Hub",
     "Bearer realm=\"https://auth.docker.io/token\","
     "service=\"registry.docker.io\",scope=\"repository:a/b:pull,push\"",
     "bearer{realm=https://auth.docker.io/token;"
     "scope=repository:a/b:pull,push;service=registry.docker.io;}"},
    {"TwoSchemes", "Basic realm=\"a\", BEARER Realm=\"b\" , service=c",
     "basic{realm=a;} bearer{realm=b;service=c;}"},
    {"Token68", "Negotiate YWJj==, Basic realm=x",
     "negotiate{} basic{realm=x;}"},
    {"BareScheme", "Negotiate", "negotiate{}"},
    {"BareSchemeThenAnother", "Negotiate, Basic realm=\"r\"",
     "negotiate{} basic{realm=r;}"},
    {"EscapedQuote", "Basic realm=\"a\\\"b\\\\c\"", "basic{realm=a\"b\\c;}"},
    {"EmptyElements", ", ,Basic realm=a,,", "basic{realm=a;}"},
    {"SpacesAroundEquals", "Bearer realm = \"r\"", "bearer{realm=r;}"},
    {"FirstOfDoubledParameterCounts", "Bearer realm=a, realm=b",
     "bearer{realm=a;}"},
    {"UnclosedQuote", "Bearer realm=\"https://x", nullptr},
    {"JunkAfterValue", "Bearer realm=\"a\" \"b\"", nullptr},
    {"NoScheme", "=\"a\"", nullptr},
    {"ControlByte",
     "Bear\x01"
     "er realm=a",
     nullptr},
};
INSTANTIATE_TEST_SUITE_P(All, ParseChallengesTest, testing::ValuesIn(kCases),
                         [](const auto& info) {
                           return std::string(info.param.name);
                         });

TEST(ParseChallengesLimitsTest, RefusesLongAndManifoldHeaders) {
  EXPECT_FALSE(ParseChallenges(std::string(kMaxChallengeBytes + 1, 'a')).ok());
  std::string many;
  for (int i = 0; i < 9; ++i) absl::StrAppend(&many, "Basic realm=a,");
  EXPECT_FALSE(ParseChallenges(many).ok());
}

// A small fuzzer that runs with every test: any bytes end in a value or an
// error, in bounded time.
TEST(ParseChallengesFuzzTest, SurvivesRandomBytes) {
  constexpr char kAlphabet[] = "Basic Bearer realm=\",\\ \t=a,;\x01\xff";
  std::mt19937 random(7);
  for (int round = 0; round < 20000; ++round) {
    std::string text(random() % 60, ' ');
    for (char& c : text) c = kAlphabet[random() % (sizeof(kAlphabet) - 1)];
    (void)ParseChallenges(text);
  }
}

}  // namespace
}  // namespace tug::registryd
