// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/stats/sampler.h"

#include <gtest/gtest.h>

namespace tug::runtimed {
namespace {

TEST(Sampler, ReadsNetworkCounters) {
  const auto counters = ParseNetworkCounters(
      "Inter-|   Receive                            |  Transmit\n"
      " face |bytes packets errs drop fifo frame compressed multicast|bytes "
      "packets errs drop fifo colls carrier compressed\n"
      "    lo: 9 9 9 9 0 0 0 0 9 9 9 9 0 0 0 0\n"
      "  eth0: 1 2 3 4 0 0 0 0 5 6 7 8 0 0 0 0\n");
  ASSERT_EQ(counters.size(), 1u);
  EXPECT_EQ(counters.at("eth0").rx_bytes(), 1u);
  EXPECT_EQ(counters.at("eth0").tx_bytes(), 5u);
  EXPECT_EQ(counters.at("eth0").tx_dropped(), 8u);
}

TEST(Sampler, AddsSevenColumnsOfTheHost) {
  EXPECT_EQ(ParseHostCpu("cpu  1 2 3 4 5 6 7 100 100 100\ncpu0 1\n"),
            28u * 10'000'000);
  EXPECT_EQ(ParseHostCpu(""), 0u);
}

}  // namespace
}  // namespace tug::runtimed
