// SPDX-License-Identifier: Apache-2.0
#include "services/tugd/probe.h"

#include <sys/socket.h>

#include "gtest/gtest.h"
#include "lib/program/listen_fds.h"
#include "lib/testing/status_matchers.h"
#include "lib/testing/temp_dir.h"

namespace tug::tugd {
namespace {

TEST(ProbeTest, WhatAnsweredOnceMustGoOnToAnswer) {
  const TempDir directory;
  const auto listener = ListenUnix(directory.path() + "/s", 0600);
  ASSERT_THAT(listener, IsOk());
  Probe probe(listener->get(), /*speaks_rest=*/true);
  const auto answer = [&] {
    const UniqueFd one(accept(listener->get(), nullptr, nullptr));
    char question[64];
    return recv(one.get(), question, sizeof(question), 0) > 0 &&
           send(one.get(), "x", 1, MSG_NOSIGNAL) == 1;
  };
  const auto looks_until_hung = [&] {
    int looks = 1;
    while (looks < 100 && !probe.Look()) ++looks;
    return looks;
  };
  EXPECT_EQ(looks_until_hung(), 100) << "still starting";
  ASSERT_TRUE(answer());
  for (int i = 0; i < 3 * Probe::kMaxMissed; ++i) {
    EXPECT_FALSE(probe.Look());
    ASSERT_TRUE(answer());
  }
  // Notices the last answer first.
  EXPECT_EQ(looks_until_hung(), 1 + Probe::kMaxMissed);
  probe.Reset();
  EXPECT_EQ(looks_until_hung(), 100);
}

// A service that answers at the end of its patience begins anew.
TEST(ProbeTest, AClosedConnectionIsAnAnswerAndAFullBacklogIsNone) {
  const TempDir directory;
  auto listener = ListenUnix(directory.path() + "/s", 0600);
  ASSERT_THAT(listener, IsOk());
  ASSERT_EQ(listen(listener->get(), 0), 0);
  Probe probe(listener->get(), /*speaks_rest=*/false);
  EXPECT_FALSE(probe.Look());
  UniqueFd(accept(listener->get(), nullptr, nullptr)).reset();
  Probe other(listener->get(), false);
  (void)other.Look();  // Takes the backlog's only place.
  for (int i = 0; i < Probe::kMaxMissed; ++i) EXPECT_FALSE(probe.Look());
  EXPECT_TRUE(probe.Look());
}

}  // namespace
}  // namespace tug::tugd
