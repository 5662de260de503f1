// SPDX-License-Identifier: Apache-2.0
#include "lib/rpc/byte_connections.h"

#include <sys/socket.h>
#include <unistd.h>

#include <vector>

#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "lib/testing/status_matchers.h"

namespace tug::rpc {
namespace {

constexpr uid_t kAnn = 1;
constexpr size_t kLimit = 8;

class ByteConnectionsTest : public testing::Test {
 protected:
  ~ByteConnectionsTest() override { connections_.End(); }

  // Our end of a connection that is being served.
  UniqueFd Connect() {
    int ends[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    connections_.Serve(UniqueFd(ends[1]), kAnn);
    return UniqueFd(ends[0]);
  }

  TicketBooth booth_{"/nowhere"};
  ByteConnections connections_{booth_, kLimit};
};

// Issue 7, A16: 1,024 silent connections blocked a byte socket for ten seconds.
TEST_F(ByteConnectionsTest, SilentOnesMakeRoomAtOnce) {
  std::vector<UniqueFd> silent;
  for (size_t i = 0; i < kLimit; ++i) silent.push_back(Connect());
  const auto ticket = booth_.IssueStream([](UniqueFd connection) {
    EXPECT_EQ(write(connection.get(), "hello", 5), 5);
  });
  ASSERT_THAT(ticket, IsOk());
  const absl::Time begin = absl::Now();
  const UniqueFd stream = Connect();
  ASSERT_EQ(write(stream.get(), ticket->token().data(), 16), 16);
  char answer[6];
  EXPECT_EQ(recv(stream.get(), answer, sizeof(answer), MSG_WAITALL), 6);
  EXPECT_LT(absl::Now() - begin, kTicketLifetime / 2);
  // The first one had waited longest.
  EXPECT_EQ(read(silent.front().get(), answer, 1), 0);
}

}  // namespace
}  // namespace tug::rpc
