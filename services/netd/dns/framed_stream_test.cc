// SPDX-License-Identifier: Apache-2.0
#include "services/netd/dns/framed_stream.h"

#include <sys/socket.h>

#include <deque>
#include <optional>
#include <string>

#include "gtest/gtest.h"

namespace tug::netd::dns {
namespace {

constexpr size_t kLongest = 4096;

class FramedStreamTest : public testing::Test {
 protected:
  FramedStreamTest() {
    int ends[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    peer_.reset(ends[0]);
    stream_.emplace(UniqueFd(ends[1]), kLongest, budget_);
  }

  static std::string Frame(const std::string& message) {
    return std::string{static_cast<char>(message.size() >> 8),
                       static_cast<char>(message.size() & 0xff)} +
           message;
  }
  void Write(const std::string& bytes) {
    EXPECT_EQ(send(peer_.get(), bytes.data(), bytes.size(), 0),
              static_cast<ssize_t>(bytes.size()));
  }

  UniqueFd peer_;
  ByteBudget budget_{{.count = 4, .bytes = 256 * 1024}};
  std::optional<FramedStream> stream_;
};

TEST_F(FramedStreamTest, GivesMessagesAsTheyAreCompleted) {
  const std::string frames = Frame("one") + Frame("") + Frame("three");
  for (const char byte : frames) {
    EXPECT_TRUE(stream_->Fill());
    Write(std::string(1, byte));
  }
  EXPECT_TRUE(stream_->Fill());
  EXPECT_EQ(stream_->Next(), "one");
  EXPECT_EQ(stream_->Next(), "");
  EXPECT_EQ(stream_->Next(), "three");
  EXPECT_FALSE(stream_->HasNext());
}

TEST_F(FramedStreamTest, ManyOfEverySizeComeThroughItsRoom) {
  std::deque<std::string> expected;
  for (size_t size = 1; size < 3 * kLongest; ++size) {
    expected.emplace_back(size % kLongest + 1, static_cast<char>(size));
    Write(Frame(expected.back()));
    ASSERT_TRUE(stream_->Fill());
    if (size % 2 == 0) continue;  // Two at once.
    while (!expected.empty()) {
      while (const auto message = stream_->Next()) {
        ASSERT_EQ(*message, expected.front());
        expected.pop_front();
      }
      ASSERT_TRUE(stream_->Fill());
    }
  }
}

TEST_F(FramedStreamTest, WhatIsTooLongIsBroken) {
  Write(Frame(std::string(kLongest + 1, 'x')).substr(0, 10));
  EXPECT_FALSE(stream_->Fill());
}

TEST_F(FramedStreamTest, RoomGrowsWithWhatComesAndGoesWithTheStream) {
  EXPECT_EQ(budget_.bytes(), 0u);
  Write(Frame("short"));
  EXPECT_TRUE(stream_->Fill());
  EXPECT_GT(budget_.bytes(), 0u);
  EXPECT_LE(budget_.bytes(), 1024u);
  Write(Frame(std::string(kLongest, 'x')));
  EXPECT_TRUE(stream_->Fill());
  EXPECT_GT(budget_.bytes(), kLongest);
  stream_.reset();
  EXPECT_EQ(budget_.bytes(), 0u);
}

TEST_F(FramedStreamTest, StreamsShareTheirRoom) {
  budget_.Take(256 * 1024 - 2000);
  Write(Frame("short"));
  EXPECT_TRUE(stream_->Fill());
  Write(Frame(std::string(kLongest, 'x')));
  EXPECT_FALSE(stream_->Fill());
}

TEST_F(FramedStreamTest, SaysWhenItsPeerShouldBeAskedNoMore) {
  const std::string answer(FramedStream::kBacklog / 4, 'x');
  while (!stream_->Backlogged()) ASSERT_TRUE(stream_->Send(answer));
  std::string room(1 << 20, '\0');
  while (stream_->HasUnsent()) {
    ASSERT_GT(recv(peer_.get(), room.data(), room.size(), 0), 0);
    ASSERT_TRUE(stream_->Flush());
  }
  EXPECT_FALSE(stream_->Backlogged());
}

TEST_F(FramedStreamTest, APeerThatDoesNotReadIsGivenUp) {
  const std::string answer(kMaxMessage, 'x');
  int sent = 0;
  while (stream_->Send(answer) && sent < 1000) ++sent;
  EXPECT_LT(sent, 1000);
}

}  // namespace
}  // namespace tug::netd::dns
