// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/translate/filters.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/gatewayd/translate/glob.h"

namespace tug::gatewayd {
namespace {

constexpr absl::string_view kKnown[] = {"name", "label", "id", "dangling",
                                        "until"};

Filters Parse(absl::string_view text) {
  absl::StatusOr<Filters> filters = Filters::Parse(text, kKnown);
  EXPECT_TRUE(filters.ok()) << text << filters.status();
  return filters.ok() ? *std::move(filters) : Filters();
}

Filters::Labels Labels() {
  Filters::Labels labels;
  labels["env"] = "prod";
  labels["tier"] = "";
  return labels;
}

TEST(FiltersTest, BothFormsMeanTheSame) {
  EXPECT_THAT(Parse(R"({"name":["a","b"]})").Values("name"),
              testing::ElementsAre("a", "b"));
  EXPECT_THAT(Parse(R"({"name":{"a":true,"b":true}})").Values("name"),
              testing::ElementsAre("a", "b"));
  EXPECT_TRUE(Parse("").empty());
  EXPECT_TRUE(Parse("{}").empty());
}

TEST(FiltersTest, RefusesInDockersWords) {
  for (const char* text : {"zz", "[]", "1", R"({"name":"a"})",
                           R"({"name":[1]})", R"({"name":{"a":1}})"}) {
    EXPECT_EQ(Filters::Parse(text, kKnown).status().message(), "invalid filter")
        << text;
  }
  EXPECT_EQ(Filters::Parse(R"({"x":["y"]})", kKnown).status().message(),
            "invalid filter 'x'");
  EXPECT_TRUE(Filters::Parse(R"({"x":["y"]})", {}).ok());
}

TEST(FiltersTest, NamesAreUnanchoredExpressions) {
  const Filters filters = Parse(R"({"name":["^we.$","[","x"]})");
  EXPECT_TRUE(filters.MatchRegex("name", "web"));
  EXPECT_TRUE(filters.MatchRegex("name", "axb"));
  EXPECT_TRUE(filters.MatchRegex("name", "["));
  EXPECT_FALSE(filters.MatchRegex("name", "webs"));
  EXPECT_TRUE(filters.MatchRegex("other", "anything"));
}

TEST(FiltersTest, HostileExpressionIsLinear) {
  const Filters filters = Parse(R"({"name":["(a*)*(a*)*(a*)*b"]})");
  EXPECT_FALSE(filters.MatchRegex("name", std::string(20000, 'a')));
}

TEST(FiltersTest, AllLabelsMustMatch) {
  const Filters::Labels labels = Labels();
  EXPECT_TRUE(Parse(R"({"label":["env"]})").MatchLabels("label", labels));
  EXPECT_TRUE(
      Parse(R"({"label":["env=prod","tier="]})").MatchLabels("label", labels));
  EXPECT_FALSE(
      Parse(R"({"label":["env=prod","gone"]})").MatchLabels("label", labels));
  EXPECT_FALSE(Parse(R"({"label":["env=dev"]})").MatchLabels("label", labels));
}

TEST(FiltersTest, BooleansAreFourWords) {
  EXPECT_EQ(**Parse(R"({"dangling":["1"]})").Bool("dangling"), true);
  EXPECT_EQ(**Parse(R"({"dangling":["false"]})").Bool("dangling"), false);
  EXPECT_FALSE(Parse("").Bool("dangling")->has_value());
  EXPECT_EQ(Parse(R"({"dangling":["y"]})").Bool("dangling").status().message(),
            "invalid filter 'dangling=[y]'");
  EXPECT_EQ(**Parse(R"({"dangling":["1","true"]})").Bool("dangling"), true);
  EXPECT_EQ(
      Parse(R"({"dangling":["1","0"]})").Bool("dangling").status().message(),
      "invalid filter 'dangling=[0 1]'");
  EXPECT_EQ(Parse(R"({"dangling":[]})").Bool("dangling").status().message(),
            "invalid filter 'dangling'");
}

TEST(FiltersTest, UntilIsATimeOrASpan) {
  const absl::Time now = absl::FromUnixSeconds(1000000);
  EXPECT_EQ(**Parse(R"({"until":["10m"]})").Until(now),
            now - absl::Minutes(10));
  EXPECT_EQ(**Parse(R"({"until":["5.25"]})").Until(now),
            absl::FromUnixSeconds(5) + absl::Milliseconds(250));
  EXPECT_EQ(**Parse(R"({"until":["2020-01-02T03:04:05Z"]})").Until(now),
            absl::FromCivil(absl::CivilSecond(2020, 1, 2, 3, 4, 5),
                            absl::UTCTimeZone()));
  EXPECT_EQ(Parse(R"({"until":["nope"]})").Until(now).status().message(),
            "failed to parse value as time or duration: invalid seconds "
            "\"nope\": invalid syntax");
  EXPECT_EQ(Parse(R"({"until":["1h","2h"]})").Until(now).status().message(),
            "more than one until filter specified");
}

// Issue 7, B32.
TEST(FiltersTest, UntilOfImagesTakesSeveral) {
  const absl::Time now = absl::FromUnixSeconds(1000000);
  EXPECT_EQ(**Parse(R"({"until":["1h","2h"]})").ImageUntil(now),
            now - absl::Hours(2));
  EXPECT_FALSE(Parse("").ImageUntil(now)->has_value());
  EXPECT_EQ(Parse(R"({"until":["nope"]})").ImageUntil(now).status().message(),
            "invalid value for 'until' filter: failed to parse value as time "
            "or duration: invalid seconds \"nope\": invalid syntax");
}

struct GlobCase {
  const char* pattern;
  const char* text;
  bool matches;
};

TEST(GlobTest, IsGosPathMatch) {
  constexpr GlobCase kCases[] = {
      {"gwb/*", "gwb/bb", true},
      {"gwb*", "gwb/bb", false},
      {"*/bb", "gwb/bb", true},
      {"**/bb", "gwb/bb", true},
      {"*", "", true},
      {"a?c", "abc", true},
      {"a?c", "a/c", false},
      {"[a-c]x", "bx", true},
      {"[^a-c]x", "bx", false},
      {"[", "[", false},
      {"\\*", "*", true},
      {"a*b*c", "axxbyyc", true},
      {"a*b*c", "axxbyy", false},
      {"*a*a*a*b", "aaaaaaaaaaaa", false},
  };
  for (const GlobCase& c : kCases) {
    EXPECT_EQ(MatchGlob(c.pattern, c.text), c.matches)
        << c.pattern << " " << c.text;
  }
}

}  // namespace
}  // namespace tug::gatewayd
