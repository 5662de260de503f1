// SPDX-License-Identifier: Apache-2.0
#include "lib/rpc/peer_credentials.h"

#include <sys/socket.h>
#include <unistd.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/confine/service_tag.h"
#include "lib/rpc/peer_table.h"
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
  EXPECT_EQ(PeerPolicy({}).JudgeSocket(first.get()).kind,
            Peer::Kind::kAdministrator);
  EXPECT_FALSE(IsTaggedService(first.get()));
}

TEST(PeerPolicyTest, RootListedUsersAndTheGroupAreAdministrators) {
  const PeerPolicy policy({4711}, gid_t{99});
  const auto is_administrator = [](const PeerPolicy& by,
                                   const PeerCredentials& who) {
    return by.Judge(who).kind == Peer::Kind::kAdministrator;
  };
  EXPECT_TRUE(is_administrator(policy, {1, 0, 0, {}}));
  EXPECT_TRUE(is_administrator(policy, {1, geteuid(), 1, {}}));
  EXPECT_TRUE(is_administrator(policy, {1, 4711, 1, {}}));
  EXPECT_TRUE(is_administrator(policy, {1, 4712, 99, {}}));
  EXPECT_TRUE(is_administrator(policy, {1, 4712, 1, {5, 99}}));
  EXPECT_FALSE(is_administrator(policy, {1, 4712, 1, {5}}));
  EXPECT_FALSE(
      is_administrator(PeerPolicy({}, std::nullopt), {1, 4712, 99, {99}}));
}

// Issue 7, A9: "any process with uid 0, even without capabilities, may call
// every service".
TEST(PeerPolicyTest, RootWithATagIsThatServiceAndNoMore) {
  const PeerPolicy policy({0}, gid_t{99});
  for (const char* service : {"imaged", "netd", "volumed", "registryd"}) {
    const gid_t tag = TagOfService(service).value();
    const Peer peer = policy.Judge({1, 0, 0, {0, 99, tag}});
    EXPECT_EQ(peer.kind, Peer::Kind::kService);
    EXPECT_EQ(peer.service, service);
  }
  for (const char* service : {"tugd", "runtimed", "gatewayd"}) {
    EXPECT_FALSE(TagOfService(service).has_value()) << service;
  }
}

TEST(PeerTableTest, OnlyImagedCallsAPeer) {
  for (const PeerRule& rule : PeerRules()) {
    if (rule.grpc_service.empty()) continue;
    EXPECT_EQ(rule.peer, "imaged");
    EXPECT_EQ(rule.service, "registryd");
    EXPECT_THAT(rule.methods,
                testing::UnorderedElementsAre("GetManifest", "ReadBlob"));
  }
  EXPECT_NE(FindPeerRule("registryd", "imaged"), nullptr);
  for (const char* peer : {"imaged", "volumed", "registryd"}) {
    EXPECT_EQ(FindPeerRule("runtimed", peer), nullptr) << peer;
  }
  EXPECT_EQ(FindPeerRule("runtimed", "netd")->grpc_service, "");
}

}  // namespace
}  // namespace tug::rpc
