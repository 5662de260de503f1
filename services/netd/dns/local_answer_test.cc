// SPDX-License-Identifier: Apache-2.0
#include "services/netd/dns/local_answer.h"

#include "gtest/gtest.h"

namespace tug::netd::dns {
namespace {

using netlink::IpAddress;

class LocalAnswerTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_.Put("n1", "lease1", {"Web", "www"},
                   {*IpAddress::Parse("10.1.0.2"), std::nullopt});
    directory_.Put("n1", "lease2", {"web2", "www"},
                   {*IpAddress::Parse("10.1.0.3"), std::nullopt});
    directory_.Put("n2", "lease3", {"db"},
                   {*IpAddress::Parse("10.2.0.2"), std::nullopt});
    view_.networks = {{"n1", "front"}};
  }

  // The addresses; "none" if the question is not ours.
  std::vector<std::string> Ask(const std::string& name,
                               uint16_t type = kTypeA) {
    Question question;
    question.name = name;
    question.type = type;
    const auto answer = AnswerLocally(question, view_, directory_);
    if (!answer.has_value()) return {"none"};
    std::vector<std::string> result;
    for (const IpAddress& one : answer->addresses) {
      result.push_back(one.ToString());
    }
    if (!answer->pointer.empty()) result.push_back(answer->pointer);
    return result;
  }

  using List = std::vector<std::string>;
  NameDirectory directory_;
  DnsView view_;
};

TEST_F(LocalAnswerTest, KnowsPeersOfItsOwnNetworksOnly) {
  EXPECT_EQ(Ask("web"), List{"10.1.0.2"});
  EXPECT_EQ(Ask("web.front"), List{"10.1.0.2"});
  EXPECT_EQ(Ask("web.back"), List{"none"});
  EXPECT_EQ(Ask("db"), List{"none"});
  view_.networks.push_back({"n2", "back"});
  EXPECT_EQ(Ask("db.back"), List{"10.2.0.2"});
}

TEST_F(LocalAnswerTest, AKnownNameNeverLeaves) {
  EXPECT_EQ(Ask("web", kTypeAaaa), List{});
  EXPECT_EQ(Ask("web", 15), List{});
  EXPECT_EQ(Ask("www").size(), 2u);
}

TEST_F(LocalAnswerTest, PointersNameTheNetwork) {
  EXPECT_EQ(Ask("2.0.1.10.in-addr.arpa", kTypePtr), List{"Web.front"});
  EXPECT_EQ(Ask("2.0.2.10.in-addr.arpa", kTypePtr), List{"none"});
}

TEST_F(LocalAnswerTest, LinksAreSeenByTheirOwnerOnly) {
  EXPECT_EQ(Ask("database"), List{"none"});
  view_.links["database"] = "web";
  EXPECT_EQ(Ask("database"), List{"10.1.0.2"});
}

TEST_F(LocalAnswerTest, RemovedNamesAreGone) {
  directory_.Remove("n1", "lease1");
  EXPECT_EQ(Ask("web"), List{"none"});
  EXPECT_EQ(Ask("www"), List{"10.1.0.3"});
}

TEST_F(LocalAnswerTest, ForwardingHasConditions) {
  Question question;
  question.name = "host";
  question.type = kTypeA;
  EXPECT_FALSE(MayForward(question, view_));
  view_.upstreams = {*IpAddress::Parse("192.0.2.1")};
  EXPECT_TRUE(MayForward(question, view_));
  view_.ndots_set = true;
  EXPECT_FALSE(MayForward(question, view_));
  question.name = "host.example";
  EXPECT_TRUE(MayForward(question, view_));
  view_.forward = false;
  EXPECT_FALSE(MayForward(question, view_));
}

}  // namespace
}  // namespace tug::netd::dns
