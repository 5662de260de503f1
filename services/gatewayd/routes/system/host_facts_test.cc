// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/routes/system/host_facts.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tug::gatewayd {
namespace {

TEST(HostFactsTest, ThisMachineHasTheBasics) {
  const HostFacts facts = ReadHostFacts();
  EXPECT_FALSE(facts.kernel_version.empty());
  EXPECT_FALSE(facts.operating_system.empty());
  EXPECT_GT(facts.memory_total, 0);
  EXPECT_GT(facts.cpu_count, 0);
}

TEST(HostFactsTest, WarnsOfEveryLack) {
  HostFacts facts;
  EXPECT_THAT(HostWarnings(facts),
              testing::Contains("WARNING: No swap limit support"));
  facts.memory_limit = facts.swap_limit = facts.cpu_shares = true;
  facts.cpu_quota = facts.cpuset = facts.pids_limit = true;
  facts.ipv4_forwarding = true;
  EXPECT_TRUE(HostWarnings(facts).empty());
}

}  // namespace
}  // namespace tug::gatewayd
