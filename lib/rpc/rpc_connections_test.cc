// SPDX-License-Identifier: Apache-2.0
#include "lib/rpc/rpc_connections.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <list>

#include "gtest/gtest.h"
#include "lib/sys/unique_fd.h"

namespace tug::rpc {
namespace {

constexpr size_t kLimit = 3;
constexpr uid_t kAnn = 1;
constexpr uid_t kBob = 2;

class RpcConnectionsTest : public testing::Test {
 protected:
  struct Pair {
    UniqueFd ours;  // As gRPC would hold it.
    UniqueFd theirs;
  };

  Pair& Connect() {
    int ends[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    return pairs_.emplace_back(Pair{UniqueFd(ends[0]), UniqueFd(ends[1])});
  }

  static bool IsBroken(const Pair& pair) {
    char byte;
    return read(pair.theirs.get(), &byte, 1) == 0;
  }

  std::list<Pair> pairs_;
  RpcConnections connections_{kLimit};
};

TEST_F(RpcConnectionsTest, TheYoungestLeavesAndTheFirstStays) {
  for (size_t i = 0; i < kLimit; ++i) {
    EXPECT_TRUE(connections_.Admit(Connect().ours.get(), kAnn));
  }
  EXPECT_TRUE(connections_.Admit(Connect().ours.get(), kBob));
  EXPECT_FALSE(IsBroken(pairs_.front()));
  EXPECT_TRUE(IsBroken(*std::next(pairs_.begin(), kLimit - 1)));
  EXPECT_FALSE(IsBroken(pairs_.back()));
}

TEST_F(RpcConnectionsTest, ClosedOnesNeedNoOneToLeave) {
  for (size_t i = 0; i < kLimit; ++i) {
    EXPECT_TRUE(connections_.Admit(Connect().ours.get(), kAnn));
  }
  pairs_.front().ours.reset();
  EXPECT_TRUE(connections_.Admit(Connect().ours.get(), kAnn));
  for (auto pair = std::next(pairs_.begin()); pair != pairs_.end(); ++pair) {
    EXPECT_FALSE(IsBroken(*pair));
  }
}

TEST_F(RpcConnectionsTest, ANumberThatIsAnotherFileIsLeftAlone) {
  for (size_t i = 0; i < kLimit; ++i) {
    EXPECT_TRUE(connections_.Admit(Connect().ours.get(), kAnn));
  }
  // The last one's number becomes the end of a pair that nobody admitted.
  Pair& last = pairs_.back();
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
  ASSERT_EQ(dup2(ends[0], last.ours.get()), last.ours.get());
  close(ends[0]);
  const UniqueFd other_end(ends[1]);
  EXPECT_TRUE(connections_.Admit(Connect().ours.get(), kBob));
  char byte;
  EXPECT_EQ(read(other_end.get(), &byte, 1), -1);
  EXPECT_EQ(errno, EAGAIN);
}

}  // namespace
}  // namespace tug::rpc
