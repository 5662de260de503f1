// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/shim/exit_facts.h"

#include <gtest/gtest.h>

#include <csignal>

namespace tug::runtimed {
namespace {

TEST(ExitFactsTest, SignalsCountFrom128) {
  EXPECT_EQ(ExitCode(3 << 8), 3);
  EXPECT_EQ(ExitCode(SIGKILL), 137);
}

TEST(ExitFactsTest, FindsOomKillsOfBothVersions) {
  EXPECT_EQ(ParseOomKills("oom_kill_disable 0\nunder_oom 0\noom_kill 3\n"), 3u);
  EXPECT_EQ(ParseOomKills("low 1\nmax 9\noom 2\noom_kill 1\n"), 1u);
  EXPECT_EQ(ParseOomKills("oom_kill_disable 1\nunder_oom 1\n"), 0u);
  EXPECT_EQ(ParseOomKills(""), 0u);
}

}  // namespace
}  // namespace tug::runtimed
