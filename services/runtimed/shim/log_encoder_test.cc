// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/shim/log_encoder.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tug::runtimed {
namespace {

constexpr int64_t kTime = 1700000000123456700;
constexpr char kTimeText[] = "2023-11-14T22:13:20.1234567Z";

class StringSink : public LogSink {
 public:
  char* Reserve() override { return room_.data(); }
  void Commit(size_t size) override { text.append(room_.data(), size); }
  std::string text;

 private:
  std::vector<char> room_ = std::vector<char>(kMaxEncodedPart);
};

// What becomes of `pieces`, fed one by one.
std::string Encode(const std::vector<std::string>& pieces,
                   const char* attributes = "") {
  StringSink sink;
  LogEncoder encoder;
  encoder.Open(&sink, "stdout", attributes);
  for (const std::string& piece : pieces) {
    encoder.Feed(piece.data(), piece.size(), kTime);
  }
  encoder.Finish(kTime);
  return sink.text;
}

std::string Line(const std::string& text) {
  return "{\"log\":\"" + text + "\",\"stream\":\"stdout\",\"time\":\"" +
         kTimeText + "\"}\n";
}

struct EscapeCase {
  const char* name;
  std::string bytes;
  const char* json;
};
class EscapeJsonTest : public testing::TestWithParam<EscapeCase> {};

TEST_P(EscapeJsonTest, IsDockers) {
  const EscapeCase& c = GetParam();
  std::string out(6 * c.bytes.size(), '\0');
  out.resize(EscapeJson(c.bytes.data(), c.bytes.size(), out.data()));
  EXPECT_EQ(out, c.json);
}

const EscapeCase kEscapeCases[] = {
    {"Plain", "plain text", "plain text"},
    {"Quotes", "\"\\", "\\\"\\\\"},
    {"Controls", std::string("\t\r\n\x07\x00\x7f", 6),
     "\\u0009\\r\\n\\u0007\\u0000\x7f"},
    {"Html", "<a>&", "\\u003ca\\u003e\\u0026"},
    {"Utf8", "é漢😀", "é漢😀"},
    {"Separators", "\u2028\u2029", "\\u2028\\u2029"},
    {"BadByte",
     "a\xff"
     "b",
     "a\\ufffdb"},
    {"CutShort", "\xe2\x82", "\\ufffd\\ufffd"},
    {"Surrogate", "\xed\xa0\x80", "\\ufffd\\ufffd\\ufffd"},
    {"Overlong", "\xc0\x80", "\\ufffd\\ufffd"},
    {"BeyondUnicode", "\xf4\x90\x80\x80", "\\ufffd\\ufffd\\ufffd\\ufffd"},
};
INSTANTIATE_TEST_SUITE_P(All, EscapeJsonTest, testing::ValuesIn(kEscapeCases),
                         [](const auto& info) {
                           return std::string(info.param.name);
                         });

TEST(LogEncoderTest, OneEntryPerLine) {
  EXPECT_EQ(Encode({"a\nb\n"}), Line("a\\n") + Line("b\\n"));
  EXPECT_EQ(Encode({"a", "b", "\n", "\n"}), Line("ab\\n") + Line("\\n"));
  EXPECT_EQ(Encode({}), "");
}

TEST(LogEncoderTest, UnfinishedLineHasNoNewline) {
  EXPECT_EQ(Encode({"a\ntail"}), Line("a\\n") + Line("tail"));
}

TEST(LogEncoderTest, LongLinesAreSplit) {
  const std::string part(kMaxLogPart, 'x');
  EXPECT_EQ(Encode({part + "y\n"}), Line(part) + Line("y\\n"));
  EXPECT_EQ(Encode({part + "\n"}), Line(part) + Line("\\n"));
  EXPECT_EQ(Encode({part.substr(1) + "\n"}), Line(part.substr(1) + "\\n"));
  // However it arrives.
  std::vector<std::string> pieces;
  for (const char c : part + "y\n") pieces.push_back(std::string(1, c));
  EXPECT_EQ(Encode(pieces), Line(part) + Line("y\\n"));
}

TEST(LogEncoderTest, PartsHaveTheTimeOfTheFirst) {
  StringSink sink;
  LogEncoder encoder;
  encoder.Open(&sink, "stderr", "");
  const std::string part(kMaxLogPart, 'x');
  encoder.Feed(part.data(), part.size(), 1000000000);
  encoder.Feed("y\nz\n", 4, 2000000000);
  const std::string tail = sink.text.substr(sink.text.find("{\"log\":\"y"));
  EXPECT_EQ(tail,
            "{\"log\":\"y\\n\",\"stream\":\"stderr\","
            "\"time\":\"1970-01-01T00:00:01Z\"}\n"
            "{\"log\":\"z\\n\",\"stream\":\"stderr\","
            "\"time\":\"1970-01-01T00:00:02Z\"}\n");
}

TEST(LogEncoderTest, AttributesComeBeforeTheTime) {
  EXPECT_EQ(Encode({"a\n"}, "{\"k\":\"v\"}"),
            std::string("{\"log\":\"a\\n\",\"stream\":\"stdout\",\"attrs\":{"
                        "\"k\":\"v\"},\"time\":\"") +
                kTimeText + "\"}\n");
}

}  // namespace
}  // namespace tug::runtimed
