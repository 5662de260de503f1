// SPDX-License-Identifier: Apache-2.0
#include "lib/http/message.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "lib/http/message_parser.h"
#include "lib/http/message_writer.h"

namespace tug::http {
namespace {

constexpr size_t kLimit = 1024;

TEST(QueryTest, DecodesAndKeepsRepeatedValues) {
  const Query query("a=1&b=x%20y+z&a=2&c&d=%zz");
  EXPECT_EQ(query.GetAll("a"), (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(query.Get("b"), "x y z");
  EXPECT_TRUE(query.Has("c"));
  EXPECT_EQ(query.Get("c", "f"), "");
  EXPECT_EQ(query.Get("d"), "%zz");
  EXPECT_EQ(query.Get("e", "f"), "f");
}

TEST(HeadersTest, CompareWithoutCase) {
  Headers headers;
  headers.Add("Content-Type", "a");
  headers.Set("content-type", "b");
  EXPECT_EQ(headers.Get("CONTENT-TYPE"), "b");
  EXPECT_EQ(headers.fields().size(), 1u);
}

TEST(WriterTest, RefusesHeaderInjection) {
  ResponseHead head;
  head.headers.Add("X", "a\r\nSet-Cookie: b");
  EXPECT_FALSE(FormatResponseHead(head).ok());
}

TEST(ParserTest, AbsoluteTargetYieldsPath) {
  const auto parser = NewRequestParser(kLimit);
  ASSERT_TRUE(parser
                  ->ParseHead("GET http://h/v1.44/x?a=b HTTP/1.1\r\n"
                              "Host: h\r\n\r\n")
                  .ok());
  EXPECT_EQ(parser->head().path, "/v1.44/x");
  EXPECT_EQ(parser->head().query.Get("a"), "b");
  EXPECT_TRUE(parser->done());
}

struct HostileCase {
  const char* name;
  const char* bytes;
};

class HostileRequestTest : public testing::TestWithParam<HostileCase> {};

// Parses all of `bytes`; whether some step failed or the message is unfinished.
bool IsRefused(const std::string& bytes) {
  const auto parser = NewRequestParser(kLimit);
  const auto head = parser->ParseHead(bytes);
  if (!head.ok()) return true;
  if (*head == 0) return false;
  char out[256];
  const auto body = parser->ParseBody(std::string_view(bytes).substr(*head),
                                      out, sizeof(out));
  return !body.ok();
}

TEST_P(HostileRequestTest, IsRefused) {
  EXPECT_TRUE(IsRefused(GetParam().bytes));
}

constexpr HostileCase kHostileCases[] = {
    {"TwoLengths",
     "POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"},
    {"LengthList", "POST / HTTP/1.1\r\nContent-Length: 3, 4\r\n\r\nabcd"},
    {"NegativeLength", "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"},
    {"HugeLength",
     "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n"},
    {"LengthAndChunked",
     "POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n"
     "\r\n0\r\n\r\n"},
    {"ChunkedAndLength",
     "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n"
     "\r\n0\r\n\r\n"},
    {"UnknownCoding",
     "POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
    {"TwoCodings",
     "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n"
     "Transfer-Encoding: identity\r\n\r\n0\r\n\r\n"},
    {"ChunkedInOldVersion",
     "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
    {"SpaceBeforeColon", "GET / HTTP/1.1\r\nHost : x\r\n\r\n"},
    {"BadChunkSize",
     "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n\r\n"},
    {"HugeChunkSize",
     "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
     "fffffffffffffffff\r\n\r\n"},
    {"MissingChunkEnd",
     "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
     "1\r\nabc\r\n0\r\n\r\n"},
    {"Version2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
    {"BareLineFeed", "GET / HTTP/1.1\nHost: x\n\n"},
    {"ControlInName", "GET / HTTP/1.1\r\nHo\x01st: x\r\n\r\n"},
};
INSTANTIATE_TEST_SUITE_P(All, HostileRequestTest,
                         testing::ValuesIn(kHostileCases),
                         [](const auto& info) {
                           return std::string(info.param.name);
                         });

// However it arrives.
TEST(ParserTest, TheStartLineCountsForTheLimit) {
  for (const bool over : {false, true}) {
    const std::string start = "GET /" + std::string(kLimit / 2, 'p') + " ";
    const std::string rest = "HTTP/1.1\r\nX: ";
    const size_t room = kLimit - start.size() - rest.size() - 4;
    const std::string head =
        start + rest + std::string(room + over, 'a') + "\r\n\r\n";
    const auto whole = NewRequestParser(kLimit);
    EXPECT_EQ(whole->ParseHead(head).ok(), !over);
    const auto split = NewRequestParser(kLimit);
    ASSERT_TRUE(split->ParseHead(head.substr(0, start.size() + 12)).ok());
    EXPECT_EQ(split->ParseHead(head).ok(), !over);
  }
}

TEST(ParserTest, HeaderPastTheLimitIsExhausted) {
  const auto parser = NewRequestParser(kLimit);
  const auto head = parser->ParseHead(
      "GET / HTTP/1.1\r\nX: " + std::string(2 * kLimit, 'a') + "\r\n\r\n");
  EXPECT_TRUE(absl::IsResourceExhausted(head.status()));
}

// Feeds `bytes` in steps of `step`; collects the body.
std::string BodyInSteps(const std::string& bytes, size_t step) {
  const auto parser = NewRequestParser(kLimit);
  std::string pending, body;
  bool in_body = false;
  for (size_t i = 0; i < bytes.size(); i += step) {
    pending += bytes.substr(i, step);
    if (!in_body) {
      const auto used = parser->ParseHead(pending);
      EXPECT_TRUE(used.ok()) << used.status();
      if (!used.ok() || *used == 0) continue;
      pending.erase(0, *used);
      in_body = true;
    }
    for (;;) {
      char out[3];
      const auto done = parser->ParseBody(pending, out, sizeof(out));
      EXPECT_TRUE(done.ok()) << done.status();
      if (!done.ok() || done->consumed + done->produced == 0) break;
      pending.erase(0, done->consumed);
      body.append(out, done->produced);
    }
  }
  EXPECT_TRUE(parser->done());
  return body;
}

TEST(ParserTest, ChunksInPiecesOfAnySizeYieldTheBody) {
  const std::string bytes =
      "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5;x=y\r\nhello\r\n1\r\n \r\n5\r\nworld\r\n0\r\nT: t\r\n\r\n";
  for (size_t step = 1; step <= bytes.size(); ++step) {
    EXPECT_EQ(BodyInSteps(bytes, step), "hello world") << step;
  }
}

// A fuzzer's loop over mutated good input, with a fixed seed: no crash, no
// endless loop.
TEST(ParserTest, SurvivesMutatedInput) {
  std::mt19937 random(20);
  const std::string good =
      "POST /a?b=c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
      "\r\n3\r\nabc\r\n0\r\n\r\n";
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = good;
    for (int edits = random() % 4; edits >= 0; --edits) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    (void)IsRefused(bytes.substr(0, random() % (bytes.size() + 1)));
  }
}

}  // namespace
}  // namespace tug::http
