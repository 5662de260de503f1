// SPDX-License-Identifier: Apache-2.0
#include "lib/rpc/byte_channel.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include "gtest/gtest.h"
#include "lib/program/listen_fds.h"
#include "lib/testing/status_matchers.h"
#include "lib/testing/temp_dir.h"

namespace tug::rpc {
namespace {

class ByteChannelTest : public testing::Test {
 protected:
  ByteChannelTest() : booth_(ByteSocketPath(directory_.path(), "b")) {
    auto listener = ListenUnix(booth_.socket_path(), 0600);
    EXPECT_THAT(listener, IsOk());
    listener_ = *std::move(listener);
    fcntl(listener_.get(), F_SETFL, 0);
  }

  // Serves the next connection on a thread of its own.
  std::thread ServeOne() {
    return std::thread([this] {
      booth_.ServeConnection(
          UniqueFd(accept(listener_.get(), nullptr, nullptr)));
    });
  }

  absl::StatusOr<UniqueFd> Redeem(const type::v1::StreamTicket& ticket) {
    std::thread server = ServeOne();
    auto redeemed = RedeemTicket(ticket, issuers_);
    server.join();
    return redeemed;
  }

  TempDir directory_;
  const TicketIssuers issuers_ = {directory_.path(), {"a", "b"}};
  TicketBooth booth_;
  UniqueFd listener_;
};

TEST_F(ByteChannelTest, StreamIsDuplexWithHalfClose) {
  const auto ticket = booth_.IssueStream([](UniqueFd connection) {
    char buffer[16];
    ssize_t got = 0;
    while ((got = read(connection.get(), buffer, sizeof(buffer))) > 0) {
      EXPECT_EQ(write(connection.get(), buffer, static_cast<size_t>(got)),
                got);
    }
  });
  ASSERT_THAT(ticket, IsOk());
  std::thread server = ServeOne();
  const auto stream = RedeemTicket(*ticket, issuers_);
  ASSERT_THAT(stream, IsOk());
  ASSERT_EQ(write(stream->get(), "ping", 4), 4);
  shutdown(stream->get(), SHUT_WR);
  char answer[16];
  EXPECT_EQ(recv(stream->get(), answer, sizeof(answer), MSG_WAITALL), 4);
  server.join();
}

TEST_F(ByteChannelTest, DescriptorArrivesItself) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const UniqueFd reader(ends[0]);
  const auto ticket = booth_.IssueDescriptor(UniqueFd(ends[1]), true);
  ASSERT_THAT(ticket, IsOk());
  const auto writer = Redeem(*ticket);
  ASSERT_THAT(writer, IsOk());
  EXPECT_EQ(write(writer->get(), "x", 1), 1);
  char byte = 0;
  EXPECT_EQ(read(reader.get(), &byte, 1), 1);
  EXPECT_EQ(byte, 'x');
  EXPECT_NE(fcntl(writer->get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST_F(ByteChannelTest, TicketWorksOnce) {
  const auto ticket = booth_.IssueStream([](UniqueFd) {});
  ASSERT_THAT(ticket, IsOk());
  EXPECT_THAT(Redeem(*ticket), IsOk());
  const auto again = Redeem(*ticket);
  EXPECT_THAT(again, StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(again, HasReason("TICKET_UNKNOWN"));
}

TEST_F(ByteChannelTest, ForgedTokenIsUnknown) {
  type::v1::StreamTicket ticket;
  ticket.set_socket(booth_.socket_path());
  ticket.set_token(std::string(16, '\0'));
  EXPECT_THAT(Redeem(ticket), HasReason("TICKET_UNKNOWN"));
}

TEST_F(ByteChannelTest, ConnectionThatEndsEarlyIsDropped) {
  std::thread server = ServeOne();
  type::v1::StreamTicket ticket;
  ticket.set_socket(booth_.socket_path());
  ticket.set_token("short");
  EXPECT_THAT(RedeemTicket(ticket, issuers_),
              StatusIs(absl::StatusCode::kNotFound));
  ticket.set_token(std::string(16, 'x'));
  EXPECT_THAT(RedeemTicket(ticket, issuers_),
              StatusIs(absl::StatusCode::kNotFound));
  server.join();
}

TEST_F(ByteChannelTest, AbsentSocketIsUnavailable) {
  type::v1::StreamTicket ticket;
  ticket.set_socket(ByteSocketPath(directory_.path(), "a"));
  ticket.set_token(std::string(16, 'x'));
  EXPECT_THAT(RedeemTicket(ticket, issuers_),
              StatusIs(absl::StatusCode::kUnavailable));
}

// Issue 7, A18: a ticket is a message; who made it must not choose whom we
// connect to.
TEST_F(ByteChannelTest, NoConnectionIsMadeToAForeignSocket) {
  const auto other = ListenUnix(directory_.path() + "/other.sock", 0600);
  ASSERT_THAT(other, IsOk());
  type::v1::StreamTicket ticket;
  ticket.set_token(std::string(16, 'x'));
  for (const std::string& socket :
       {directory_.path() + "/other.sock",
        directory_.path() + "/./b.bytes.sock",
        directory_.path() + "/x/../b.bytes.sock",
        ByteSocketPath(directory_.path(), "other"), std::string()}) {
    ticket.set_socket(socket);
    EXPECT_THAT(RedeemTicket(ticket, issuers_), HasReason("TICKET_UNKNOWN"))
        << socket;
  }
  EXPECT_EQ(accept(other->get(), nullptr, nullptr), -1);
  EXPECT_EQ(errno, EAGAIN);
}

TEST_F(ByteChannelTest, OutstandingTicketsAreBounded) {
  for (size_t i = 0; i < kMaxTickets; ++i) {
    ASSERT_THAT(booth_.IssueStream([](UniqueFd) {}), IsOk());
  }
  EXPECT_THAT(booth_.IssueStream([](UniqueFd) {}),
              HasReason("TICKETS_EXHAUSTED"));
}

}  // namespace
}  // namespace tug::rpc
