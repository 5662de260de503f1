// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/logs/log_line.h"

#include <gtest/gtest.h>

namespace tug::runtimed {
namespace {

struct Case {
  const char* line;
  const char* text;  // nullptr: malformed
  bool is_stderr;
};

TEST(LogLine, Parses) {
  const Case cases[] = {
      {R"({"log":"hi\n","stream":"stdout","time":"2026-01-02T03:04:05.6Z"})",
       "hi\n", false},
      {R"({"log":"\u003ca\u003e \"q\" \\ \u0007","stream":"stderr","time":"2026-01-02T03:04:05Z"})",
       "<a> \"q\" \\ \a", true},
      {R"({"log":"\ud83d\ude00\u00e9\ud83d","stream":"stdout","time":"2026-01-02T03:04:05Z"})",
       "\xf0\x9f\x98\x80\xc3\xa9\xef\xbf\xbd", false},
      {R"({"log":"a","stream":"stdout","attrs":{"x":",\"time\":\""},"time":"2026-01-02T03:04:05Z"})",
       "a", false},
      {"", nullptr, false},
      {R"({"log":"cut)", nullptr, false},
      {R"({"log":"a\","stream":"stdout"})", nullptr, false},
      {R"({"log":"a\u12","stream":"stdout","time":"x"})", nullptr, false},
      {R"({"log":"a","stream":"stdin","time":"x"})", nullptr, false},
      {R"({"log":"a","stream":"stdout"})", nullptr, false},
  };
  for (const Case& c : cases) {
    const auto parsed = ParseLogLine(c.line);
    ASSERT_EQ(parsed.has_value(), c.text != nullptr) << c.line;
    if (c.text == nullptr) continue;
    EXPECT_EQ(parsed->text, c.text);
    EXPECT_EQ(parsed->is_stderr, c.is_stderr);
    EXPECT_EQ(parsed->time.substr(0, 4), "2026");
  }
}

TEST(LogLine, TimesHaveNineDigits) {
  EXPECT_EQ(PadLogTime("2026-01-02T03:04:05Z"),
            "2026-01-02T03:04:05.000000000Z");
  EXPECT_EQ(PadLogTime("2026-01-02T03:04:05.25Z"),
            "2026-01-02T03:04:05.250000000Z");
  EXPECT_EQ(PadLogTime("2026-01-02T03:04:05.123456789Z"),
            "2026-01-02T03:04:05.123456789Z");
  EXPECT_EQ(ParseLogTime("1970-01-01T00:00:01.5Z"),
            absl::UnixEpoch() + absl::Milliseconds(1500));
  EXPECT_EQ(ParseLogTime("yesterday"), absl::InfinitePast());
}

}  // namespace
}  // namespace tug::runtimed
