// SPDX-License-Identifier: Apache-2.0
#include "lib/rpc/peer_credentials.h"

#include <sys/socket.h>
#include <unistd.h>

#include "gtest/gtest.h"
#include "lib/sys/unique_fd.h"
#include "lib/testing/status_matchers.h"

namespace tug::rpc {
namespace {

TEST(PeerCredentialsTest, AreThoseOfThePeer) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  const UniqueFd first(ends[0]);
  const UniqueFd second(ends[1]);
  const auto peer = ReadPeerCredentials(first.get());
  ASSERT_THAT(peer, IsOk());
  EXPECT_EQ(peer->pid, getpid());
  EXPECT_EQ(peer->uid, geteuid());
  EXPECT_TRUE(PeerPolicy({}).AllowsSocket(first.get()));
}

TEST(PeerPolicyTest, AllowsRootListedUsersAndTheGroup) {
  const PeerPolicy policy({4711}, gid_t{99});
  EXPECT_TRUE(policy.Allows({1, 0, 0, {}}));
  EXPECT_TRUE(policy.Allows({1, geteuid(), 1, {}}));
  EXPECT_TRUE(policy.Allows({1, 4711, 1, {}}));
  EXPECT_TRUE(policy.Allows({1, 4712, 99, {}}));
  EXPECT_TRUE(policy.Allows({1, 4712, 1, {5, 99}}));
  EXPECT_FALSE(policy.Allows({1, 4712, 1, {5}}));
  EXPECT_FALSE(PeerPolicy({}, std::nullopt).Allows({1, 4712, 99, {99}}));
}

}  // namespace
}  // namespace tug::rpc
