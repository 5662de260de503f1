// SPDX-License-Identifier: Apache-2.0
#include "services/netd/dns/message.h"

#include "gtest/gtest.h"
#include "lib/testing/status_matchers.h"

namespace tug::netd::dns {
namespace {

using netlink::IpAddress;

// A query for Web. A IN, id 0x1234, recursion desired.
std::string Query(const std::string& tail = "") {
  return std::string("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00", 11) +
         (tail.empty() ? '\0' : '\1') +
         std::string("\x03Web\x00\x00\x01\x00\x01", 9) + tail;
}

TEST(ParseQuestionTest, ReadsNameTypeAndId) {
  const auto question = ParseQuestion(Query());
  ASSERT_THAT(question, IsOk());
  EXPECT_EQ(question->id, 0x1234);
  EXPECT_EQ(question->name, "web");
  EXPECT_EQ(question->type, kTypeA);
  EXPECT_TRUE(question->recursion_desired);
  EXPECT_FALSE(question->edns);
}

TEST(ParseQuestionTest, ReadsEdns) {
  // OPT, 4096 bytes.
  const auto question = ParseQuestion(
      Query(std::string("\x00\x00\x29\x10\x00\x00\x00\x00\x00\x00\x00", 11)));
  ASSERT_THAT(question, IsOk());
  EXPECT_TRUE(question->edns);
  EXPECT_EQ(question->udp_size, 4096u);
}

TEST(ParseQuestionTest, RefusesWhatIsNoQuery) {
  std::string reply = Query();
  reply[2] |= '\x80';
  std::string two = Query();
  two[5] = '\2';
  std::string update = Query();
  update[2] = '\x28';
  std::string cut = Query();
  cut.pop_back();
  for (const std::string& bad : {std::string(), std::string("x"), reply, two,
                                 update, cut, std::string(12, '\xff')}) {
    EXPECT_FALSE(ParseQuestion(bad).ok());
  }
}

// Against forgers, some resolvers ask wEb and take no answer to web
// (issue 7, A6).
TEST(BuildAnswerTest, RepeatsTheLettersOfTheQuestion) {
  const std::string query = Query();
  const Question question = *ParseQuestion(query);
  Answer answer;
  answer.addresses = {*IpAddress::Parse("10.0.0.2")};
  const std::string wire = BuildAnswer(question, answer, kPlainUdpSize);
  EXPECT_EQ(wire.substr(kHeaderSize, query.size() - kHeaderSize),
            query.substr(kHeaderSize));
  EXPECT_EQ(wire.find("web"), std::string::npos);
}

TEST(BuildAnswerTest, IsAReplyToTheQuestion) {
  const Question question = *ParseQuestion(Query());
  Answer answer;
  answer.addresses = {*IpAddress::Parse("10.0.0.2")};
  const std::string wire = BuildAnswer(question, answer, kPlainUdpSize);
  const auto header = ParseReply(wire, question);
  ASSERT_THAT(header, IsOk());
  EXPECT_EQ(header->id, 0x1234);
  EXPECT_EQ(header->code, kNoError);
  EXPECT_EQ(wire.substr(wire.size() - 4), std::string("\x0a\x00\x00\x02", 4));
  Question other = question;
  other.name = "db";
  EXPECT_FALSE(ParseReply(wire, other).ok());
}

TEST(BuildAnswerTest, MarksWhatDoesNotFit) {
  const Question question = *ParseQuestion(Query());
  Answer answer;
  for (int i = 0; i < 100; ++i) {
    answer.addresses.push_back(IpAddress::FromNumber(2, 0x0a000000u + i));
  }
  const std::string cut = BuildAnswer(question, answer, kPlainUdpSize);
  EXPECT_LE(cut.size(), kPlainUdpSize);
  EXPECT_TRUE(ParseReply(cut, question)->truncated);
  EXPECT_FALSE(ParseReply(BuildAnswer(question, answer, kMaxMessage), question)
                   ->truncated);
}

TEST(ParseReverseNameTest, KnowsBothFamilies) {
  EXPECT_EQ(ParseReverseName("2.0.17.172.in-addr.arpa")->ToString(),
            "172.17.0.2");
  EXPECT_EQ(ParseReverseName("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0."
                             "0.0.0.0.0.0.d.f.ip6.arpa")
                ->ToString(),
            "fd00::1");
  for (const char* bad :
       {"", "in-addr.arpa", "2.0.17.in-addr.arpa", "256.0.17.172.in-addr.arpa",
        "x.0.0.1.in-addr.arpa", "1.ip6.arpa", "example.org"}) {
    EXPECT_FALSE(ParseReverseName(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace tug::netd::dns
